"""What a predictor says about one image, as arrays at the image's own size."""

from collections.abc import Callable
from functools import cached_property

import jax
import numpy as np

from samjax.models.output import SAMOutput
from samjax.prediction.postprocess import log_density_to_original, to_original


def last_map(output: SAMOutput, density: bool) -> np.ndarray:
    """Return the network's maps after its last timestep, float32 [B, h, w].

    Args:
        output: What the network computed for a batch.
        density: Whether its maps are densities; then they are the exponential of its log-density,
            and else its saliency.
    """
    maps = jax.device_get(output.log_density if density else output.saliency)
    # On the host, because a program for the exponential alone takes longer to load than to run.
    return np.exp(maps, dtype=np.float32) if density else np.asarray(maps, np.float32)


def timestep_maps(output: SAMOutput, density: bool) -> np.ndarray:
    """Return the maps after each timestep, float32 [B, T, h, w]; see `last_map`.

    The output must be one with all timesteps.
    """
    maps = jax.device_get(output.timestep_log_density if density else output.timestep_saliency)
    assert maps is not None
    return np.exp(maps, dtype=np.float32) if density else np.asarray(maps, np.float32)


def time_of(viewing_times_ms: tuple[float, ...], timestep: int) -> float | None:
    """Return the time that a timestep, from 1, stands for: people have looked there by then.

    Args:
        viewing_times_ms: Of the network's timesteps; empty if it was not trained with times.
        timestep: None is returned where the network was not trained with so many.
    """
    known = 1 <= timestep <= len(viewing_times_ms)
    return viewing_times_ms[timestep - 1] if known else None


class Saliency:
    """Where people look in an image, as float32 arrays at the image's own size [H, W].

    Each array is computed when it is first asked for, because at the size of a large photograph
    the arrays with a time axis take hundreds of megabytes.
    """

    def __init__(
        self,
        output: SAMOutput,
        all_timesteps: Callable[[], SAMOutput],
        size: tuple[int, int],
        *,
        density: bool,
        viewing_times_ms: tuple[float, ...] = (),
    ) -> None:
        """Keep what a network computed for a batch of one image.

        Args:
            output: The network's output.
            all_timesteps: Computes the output with the maps of all timesteps.
            size: Height and width of the image.
            density: Whether the network's maps are densities.
            viewing_times_ms: See `samjax.prediction.network.Facts`.
        """
        self._output = output
        self._all_timesteps = all_timesteps
        self._size = size
        self._is_density = density
        self._viewing_times_ms = viewing_times_ms

    def __repr__(self) -> str:
        """Return the size of the image; the maps would fill a screen."""
        height, width = self._size
        return f"<Saliency of an image of {width} x {height} pixels>"

    def viewing_time_ms(self, timestep: int) -> float | None:
        """Return the time that a timestep stands for, see `time_of`."""
        return time_of(self._viewing_times_ms, timestep)

    @property
    def last_timestep(self) -> int:
        """How often the attentive LSTM looked; 0: there is none."""
        return int(self._output.attention.shape[1])

    @cached_property
    def density(self) -> np.ndarray:
        """The probability of each pixel [H, W] to be looked at; sums to 1.

        Where the read-out of the model is "relu", as in the release, its map is no density: this
        is the map divided by its sum, and uniform where the map is zero everywhere.
        """
        return self._at_original_size(last_map(self._output, self._is_density)[0])

    @cached_property
    def log_density(self) -> np.ndarray:
        """The natural logarithm of the density [H, W], finite everywhere.

        It comes from the model's log-density, because the density itself may be too small for
        float32. Where the read-out is "relu", pixels without any saliency have a millionth of the
        map's maximum.
        """
        on_canvas = np.asarray(jax.device_get(self._output.log_density[0]))
        return log_density_to_original(on_canvas, *self._size)

    @cached_property
    def timesteps(self) -> np.ndarray:
        """The density after each timestep [T, H, W]; the last one is `density`, up to rounding.

        A model without recurrence has one timestep here.
        """
        maps = timestep_maps(self._all_timesteps(), self._is_density)[0]
        return np.stack([self._at_original_size(on_canvas) for on_canvas in maps])

    @cached_property
    def attention(self) -> np.ndarray:
        """Where the attentive LSTM looked at each timestep [T, H, W]; each map sums to 1.

        A model without recurrence has no such maps: T is 0.
        """
        maps = np.asarray(jax.device_get(self._output.attention[0]), np.float32)
        at_original_size = np.zeros((len(maps), *self._size), np.float32)
        for timestep, on_canvas in enumerate(maps):
            at_original_size[timestep] = self._at_original_size(on_canvas)
        return at_original_size

    def _at_original_size(self, on_canvas: np.ndarray) -> np.ndarray:
        """Return a map [h, w] of the canvas over the image, float32 [H, W], with sum 1."""
        image = to_original(on_canvas, *self._size, density=True)
        if not image.any():
            height, width = self._size
            return np.full(self._size, 1 / (height * width), np.float32)
        return image
