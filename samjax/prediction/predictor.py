"""A trained network, ready to predict: the bundled one, or from a work folder, a file or a name.

predictor = load_model()                # `samjax.load` is the same function
saliency = predictor("photo.jpg")
saliency.density                        # [H, W], at the size of the photograph, sums to 1
"""

import functools
from pathlib import Path

import jax
import numpy as np
from PIL import Image

from samjax import bundled
from samjax.console.log import log
from samjax.data.canvas import Canvas, make_canvases, nearest_size
from samjax.data.resize_mode import to_canvas
from samjax.errors import UserError
from samjax.models.output import TIMESTEPS, SAMOutput
from samjax.parallel.surroundings import check_platform
from samjax.prediction.kept import keep
from samjax.prediction.network import Facts, Network
from samjax.prediction.photo import read_pixels
from samjax.prediction.saliency import Saliency, time_of


class Predictor:
    """A trained network, which predicts the saliency of images of any size.

    A network takes images of one size, or of a few sizes with different aspects. Such an input is
    called a canvas: an image is shown on the canvas whose aspect is nearest to its own, and what
    it leaves free is black.

    One program is compiled per shape of a batch and number of timesteps, when it is first needed.

    Attributes:
        facts: What is known about the network.
        origin: Where its variables come from, in words for people.
        parameters: How many numbers were learned.
    """

    def __init__(self, network: Network) -> None:
        """Predict with a network."""
        self._network = network
        self.facts: Facts = network.facts
        self.origin, self.parameters = network.facts.origin, network.facts.parameters

    @property
    def priors(self) -> list[np.ndarray]:
        """The learned Gaussians of both prior blocks, each [4, N]; [] if the network has none."""
        return self._network.priors

    @functools.cached_property
    def canvases(self) -> list[Canvas]:
        """The sizes of the inputs and of their maps; the first is that of `input_size`.

        Predicting needs no sizes of maps, for which the network is traced, so it waits for a use.
        """
        first, *others = self.facts.sizes
        return make_canvases(self._network.map_size, first, others)

    @property
    def timesteps(self) -> int:
        """How often the attentive LSTM looks, as in training; 0: there is none."""
        return self.facts.timesteps

    def viewing_time_ms(self, timestep: int) -> float | None:
        """Return the time that a timestep stands for, see `samjax.prediction.saliency.time_of`."""
        return time_of(self.facts.viewing_times_ms, timestep)

    def timestep_at(self, viewing_time_ms: float) -> int:
        """Return the timestep, from 1, that stands for a viewing time in ms.

        Raises:
            UserError: The network was not trained with this time.
        """
        times = self.facts.viewing_times_ms
        if viewing_time_ms in times:
            return times.index(viewing_time_ms) + 1
        known = f"use {', '.join(f'{time:g}' for time in times)}" if times else "it knows no times"
        raise UserError(
            f"{self.origin} was not trained for a viewing time of {viewing_time_ms:g} ms; {known}"
        )

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the first canvas."""
        return self.facts.sizes[0]

    @property
    def map_size(self) -> tuple[int, int]:
        """Height and width of the network's map of the first canvas."""
        return self.canvases[0].map

    @property
    def density(self) -> bool:
        """Whether the network's map is a density: positive everywhere, with sum 1."""
        return self.facts.density

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """Put an image, RGB uint8 [H, W, 3], on the canvas of the nearest aspect."""
        sizes = self.facts.sizes
        size = sizes[nearest_size(sizes, *image.shape[:2])]
        return to_canvas(image, *size, self.facts.resize_mode)

    def __call__(
        self, image: str | Path | Image.Image | np.ndarray, *, timesteps: int | None = None
    ) -> Saliency:
        """Predict the saliency of one image.

        Args:
            image: The path of an image file, a Pillow image, or an RGB array uint8 [H, W, 3].
                Files and Pillow images are taken as people see them: turned as their EXIF data
                say, with white behind what is transparent.
            timesteps: How often the attentive LSTM refines its features; as in training if None.

        Returns:
            The density and its companions as arrays at the image's own size.

        Raises:
            UserError: The image cannot be read or is of another kind, or the network has no
                recurrence and `timesteps` asks for one.
        """
        pixels = read_pixels(image)
        canvas = self.to_canvas(pixels)[None]
        output = self.predict_batch(canvas, timesteps)
        # The maps of all timesteps cost another pass, which is made when they are asked for.
        every = functools.partial(self.predict_batch, canvas, timesteps, all_timesteps=True)
        times = self.facts.viewing_times_ms
        return Saliency(
            output, every, pixels.shape[:2], density=self.density, viewing_times_ms=times
        )

    def predict_batch(
        self,
        images: jax.Array | np.ndarray,
        timesteps: int | None = None,
        all_timesteps: bool = False,
    ) -> SAMOutput:
        """Run the network over a batch of canvases.

        Args:
            images: RGB uint8 [B, H, W, 3], where H and W are those of one canvas.
            timesteps: How often the attentive LSTM looks; as in training if None.
            all_timesteps: Whether to give the maps after each timestep too.

        Raises:
            UserError: There are no images, the network has no recurrence and `timesteps` asks for
                one, or there cannot be so many.
        """
        if not len(images):
            raise UserError("a batch of 0 images has no maps; give at least one image")
        timesteps = self.timesteps if timesteps is None else timesteps
        if timesteps and not self.timesteps:
            raise UserError(f"{self.origin} has no recurrence to take {timesteps} timesteps with")
        if timesteps not in TIMESTEPS:
            raise UserError(f"timesteps={timesteps} is not possible; use 1 to {TIMESTEPS[-1]}")
        return self._network.run(images, timesteps, all_timesteps)


def load_model(source: str | Path | None = None, *, offline: bool = False) -> Predictor:
    """Load a trained network.

    Args:
        source: The work folder of a training run, of which the best checkpoint is taken; a weight
            file of any known kind; the name of published weights; or hf:OWNER/NAME[@REVISION], a
            repository of a hub. The bundled model if None, which is told once on standard error.
        offline: Whether published weights are taken from the cache only, never downloaded.

    Raises:
        UserError: It cannot be read, or it holds a backbone only.
    """
    check_platform()
    file = Path(source or bundled.NAME)
    if source is None or (str(source) in bundled.NAMES and not file.exists()):
        file = bundled.find(file.name)

    def build() -> Network:
        # Imported only now, because they need Flax, and what was kept does without.
        from samjax.prediction.choice import read_choice
        from samjax.prediction.traced import network_of

        return network_of(read_choice(file if file.is_file() else str(source), offline))

    predictor = Predictor(keep(file, build) if file.is_file() else build())
    if source is None:
        _tell(predictor.facts.sizes)
    return predictor


@functools.cache
def _tell(sizes: tuple[tuple[int, int], ...]) -> None:
    """Say, once in a process, that the bundled model is used; sizes: of its inputs."""
    inputs = ", ".join(f"{height}x{width}" for height, width in sizes)
    log(
        f"using the bundled model {bundled.NAME} (input {inputs}, height x width); --weights, or "
        "samjax.load(WEIGHTS), chooses another"
    )
