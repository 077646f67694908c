"""Time that several pieces of work share: who may begin, and how long it may take."""

import math
import time


def seconds_of(least: float, most: float, reserved: float, left: float) -> float:
    """Return how long a piece of work may take, 0 where it should not begin.

    Args:
        least: Seconds that its first results take.
        most: Seconds after which it must make way for what is behind it.
        reserved: Seconds that what is behind it takes at least, which is to begin as well where
            that is possible.
        left: Seconds until all is over.
    """
    if left <= 0 or left < least:
        return 0
    return min(left, most, max(least, left - reserved))


class Budget:
    """The time of pieces whose least seconds are known of another machine.

    How much slower this machine is shows with every piece that is done.
    """

    def __init__(self, ends: float = math.inf) -> None:
        """Begin.

        Args:
            ends: The time (`time.time`) at which all is over.
        """
        self.ends = ends
        self._expected, self._taken = 0.0, 0.0

    @property
    def pace(self) -> float:
        """How many times as long everything takes here; 1 before anything is done."""
        return self._taken / self._expected if self._expected else 1.0

    def learn(self, expected: float, taken: float) -> None:
        """Take account of a piece that is done.

        Args:
            expected: The least seconds that it takes on the other machine.
            taken: The least seconds that it took on this one.
        """
        self._expected += expected
        self._taken += taken

    def limit(self, least: float, waiting: float) -> float:
        """Return how long a piece may take, 0 where it should not begin; see `seconds_of`.

        Args:
            least: Its least seconds on the other machine.
            waiting: Those of all pieces behind it.
        """
        left = self.ends - time.time()
        return seconds_of(self.pace * least, math.inf, self.pace * waiting, left)

    def seconds_left(self, waiting: float) -> float:
        """Return how long it takes until all is done or over, as far as that can be told."""
        return max(0.0, min(self.pace * waiting, self.ends - time.time()))
