"""A trained network, ready to predict: the bundled one, or from a work folder, a file or a name.

predictor = load_model()                # `samjax.load` is the same function
saliency = predictor("photo.jpg")
saliency.density                        # [H, W], at the size of the photograph, sums to 1
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import jax
import numpy as np
from PIL import Image

from samjax.data.canvas import Canvas, make_canvases, nearest_size
from samjax.data.resize_mode import to_canvas
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.backend import resolve
from samjax.models.fields import RANGES
from samjax.models.precompute import precompute
from samjax.models.priors import BLOCKS, gaussians
from samjax.models.sam import map_size
from samjax.parallel.surroundings import check_platform
from samjax.prediction.choice import read_choice
from samjax.prediction.photo import read_pixels
from samjax.prediction.saliency import Saliency


class Predictor:
    """A network with its variables, which predicts the saliency of images of any size.

    A network takes images of one size, or of a few sizes with different aspects. Such an input is
    called a canvas: an image is shown on the canvas whose aspect is nearest to its own, and what
    it leaves free is black.

    One program is compiled per shape of a batch and number of timesteps, when it is first needed.

    Attributes:
        sam: The network.
        origin: Where its variables come from, in words for people.
        parameters: How many numbers were learned.
    """

    def __init__(
        self,
        sam: SAM,
        variables: dict,
        input_size: tuple[int, int],
        origin: str,
        resize_mode: str = "letterbox",
        buckets: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Prepare a network for prediction.

        Args:
            sam: The network.
            variables: Its variables, as `SAM.init` nests them.
            input_size: Height and width of the input in pixels.
            origin: Where the variables come from, in words for people.
            resize_mode: How an image is put on a canvas, see `samjax.data.resize_mode`.
            buckets: Heights and widths of further canvases.
        """
        sam = sam.clone(backend=resolve())
        self.sam, self.origin = sam, origin
        sizes = [(height, width) for height, width in (input_size, *buckets)]
        self._sizes = tuple(dict.fromkeys(sizes))
        self._resize_mode = resize_mode
        self._compiled = functools.lru_cache(self._compile)
        params = variables["params"]
        self.parameters = sum(leaf.size for leaf in jax.tree.leaves(params))
        self._prior_params = {
            block: {name: value for name, value in params[block].items() if name == "priors"}
            for block in BLOCKS
        }
        # What depends on the variables alone is computed once and not in every prediction. One
        # timestep uses them all, and is traced faster than several.
        once = sam.clone(timesteps=min(sam.timesteps, 1))
        self._variables = precompute(once, variables, self.input_size)

    @functools.cached_property
    def priors(self) -> list[np.ndarray]:
        """The learned Gaussians of both prior blocks, each [4, N]; [] if the network has none."""
        return gaussians(self._prior_params)

    @functools.cached_property
    def canvases(self) -> list[Canvas]:
        """The sizes of the inputs and of their maps; the first is that of `input_size`.

        Predicting needs no sizes of maps, for which the network is traced, so it waits for a use.
        """
        return make_canvases(
            functools.partial(map_size, self.sam), self.input_size, self._sizes[1:]
        )

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the first canvas."""
        return self._sizes[0]

    @property
    def map_size(self) -> tuple[int, int]:
        """Height and width of the network's map of the first canvas."""
        return self.canvases[0].map

    @property
    def density(self) -> bool:
        """Whether the network's map is a density: positive everywhere, with sum 1."""
        return self.sam.readout == "density"

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """Put an image, RGB uint8 [H, W, 3], on the canvas of the nearest aspect."""
        size = self._sizes[nearest_size(self._sizes, *image.shape[:2])]
        return to_canvas(image, *size, self._resize_mode)

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
        return Saliency(output, every, pixels.shape[:2], density=self.density)

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
            UserError: The network has no recurrence and `timesteps` asks for one, or there cannot
                be so many.
        """
        timesteps = self.sam.timesteps if timesteps is None else timesteps
        if timesteps and not self.sam.timesteps:
            raise UserError(f"{self.origin} has no recurrence to take {timesteps} timesteps with")
        if timesteps not in (possible := RANGES["timesteps"]):
            raise UserError(f"timesteps={timesteps} is not possible; use 1 to {possible[-1]}")
        return self._compiled(timesteps, all_timesteps)(self._variables, images)

    def _compile(self, timesteps: int, all_timesteps: bool) -> Callable[..., SAMOutput]:
        """Return the jitted network that takes so many timesteps."""
        sam = self.sam.clone(timesteps=timesteps)
        return jax.jit(functools.partial(sam.apply, all_timesteps=all_timesteps))


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
    read = read_choice(source, offline)
    if read.kind != "sam":
        raise UserError(
            f"{source} holds a backbone only, which predicts no saliency; train with "
            f"--config.model.backbone_weights={source}"
        )
    return Predictor(
        SAM(**read.model),
        read.variables,
        read.input_size,
        read.origin,
        read.resize_mode,
        read.buckets,
    )
