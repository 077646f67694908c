"""What a tracker is, and what it is told; see `samjax.training.tracking`."""

from typing import Any, NamedTuple, Protocol

import numpy as np


class About(NamedTuple):
    """What a tracker is told of a run at the start.

    Attributes:
        name: For people.
        config: The resolved configuration as nested dictionaries.
        environment: See `samjax.training.environment`.
    """

    name: str
    config: dict[str, Any]
    environment: dict[str, str]


class Tracker(Protocol):
    """A run at a tracker."""

    identity: str  # by which the tracker knows the run

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Take numbers by name; kind is "train" or the name of the dataset that was evaluated."""
        ...

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Take pictures by name, RGB uint8 [H, W, 3]."""
        ...

    def final(self, scores: dict[str, float]) -> None:
        """Take the last scores; the run is complete."""
        ...

    def close(self) -> None:
        """End the run for now; it may be resumed unless it is complete."""
        ...
