"""What a predictor needs of a network: facts about it, and its output for a batch of canvases."""

from typing import NamedTuple, Protocol

import jax
import numpy as np

from samjax.models.output import SAMOutput


class Facts(NamedTuple):
    """What is known about a network without computing anything.

    Attributes:
        origin: Where its variables come from, in words for people.
        parameters: How many numbers were learned.
        timesteps: How often the attentive LSTM looks, as in training; 0: there is none.
        density: Whether its map is a density: positive everywhere, with sum 1.
        input_size: Height and width of its input in pixels.
        buckets: Heights and widths of further inputs, for images of other aspects.
        resize_mode: How an image is put on an input, see `samjax.data.resize_mode`.
        viewing_times_ms: Of each timestep in training: its map shows where people have looked by
            then. Empty for a network that was not trained with times.
    """

    origin: str
    parameters: int
    timesteps: int
    density: bool
    input_size: tuple[int, int]
    buckets: tuple[tuple[int, int], ...] = ()
    resize_mode: str = "letterbox"
    viewing_times_ms: tuple[float, ...] = ()

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """The heights and widths of all inputs, each once."""
        sizes = (self.input_size, *self.buckets)
        return tuple(dict.fromkeys((height, width) for height, width in sizes))


class Network(Protocol):
    """A trained network."""

    @property
    def facts(self) -> Facts:
        """What is known about it."""
        ...

    @property
    def priors(self) -> list[np.ndarray]:
        """The learned Gaussians of both prior blocks, each [4, N]; [] if it has none."""
        ...

    def map_size(self, input_size: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of its map for an input of this size."""
        ...

    def run(self, images: jax.Array | np.ndarray, timesteps: int, all_timesteps: bool) -> SAMOutput:
        """Return its output for a batch of canvases.

        Args:
            images: RGB uint8 [B, H, W, 3].
            timesteps: How often the attentive LSTM looks, a possible number.
            all_timesteps: Whether to give the maps after each timestep too.
        """
        ...
