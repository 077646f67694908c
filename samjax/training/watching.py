"""What of a run is looked at more closely, or shown elsewhere, while it trains.

None of it is a part of the experiment: the state and the log of a run are the same bits with and
without, so it is asked for by flags, which may change whenever the run is resumed, and not by
fields of the configuration, which may not.
"""

import re
from typing import NamedTuple

from samjax.errors import UserError


class Window(NamedTuple):
    """The steps `first`, `first` + 1, ..., `first` + `length` - 1."""

    first: int
    length: int

    @property
    def last(self) -> int:
        """The last step of the window."""
        return self.first + self.length - 1


class Watch(NamedTuple):
    """How a run is watched.

    Attributes:
        profile: The steps that are traced; None for none.
        debug_nans: Whether a step whose loss or gradient is not finite is kept for replay.
        track: Names of trackers, see `samjax.training.tracking`.
    """

    profile: Window | None = None
    debug_nans: bool = False
    track: tuple[str, ...] = ()


NOTHING = Watch()


def parse_window(text: str) -> Window:
    """Return the window that STEP:COUNT means.

    Raises:
        UserError: It is no such thing, or one of the numbers is 0.
    """
    match = re.fullmatch(r"([0-9]{1,12}):([0-9]{1,12})", text)
    window = Window(*map(int, match.groups())) if match else Window(0, 0)
    if window.first < 1 or window.length < 1:
        raise UserError(
            f"--profile={text} is not STEP:COUNT, both from 1; --profile=100:5 traces the steps "
            "100 to 104"
        )
    return window
