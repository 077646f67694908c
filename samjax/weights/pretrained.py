"""What a weight file holds: arrays for SAM's variables, and the fields of SAM that they demand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from samjax.errors import UserError
from samjax.files.checksum import sha256
from samjax.models import SAM
from samjax.models.backbones import BACKBONES
from samjax.models.presets import PAPER
from samjax.models.resnet import ResNet
from samjax.models.sam import PARTS

Path = tuple[str, ...]  # of a variable in the tree, as ("params", "backbone", "conv1", "kernel")
Pick = Callable[[Path, tuple[int, ...]], np.ndarray]

# The fields, beside those that change shapes, on which the meaning of a part's arrays depends: a
# part fits into another model only where these are equal.
FIELDS = {
    "backbone": ("backbone", "norm", "stride_on", "dilated", "normalization"),
    "attentive_convlstm": ("attention_scale",),
    "prior_block1": ("priors",),
    "prior_block2": ("priors",),
    "readout": ("readout", "upsampling", "alignment"),
}


@dataclass(frozen=True)
class Pretrained:
    """Float32 arrays in the tree of SAM's variables, with what they were made for.

    Attributes:
        kind: "sam" for the variables of a whole network, "backbone" for those of its backbone only.
        variables: {"params": ..., "batch_stats": ...} as `SAM.init` nests them; those of a backbone
            stand under "backbone" there too.
        model: The fields of `SAM` that these arrays demand. For a backbone they say, among others,
            which convolution strides and how the input is normalised.
        origin: The name of the file, or of what it was converted from.
        sha256: The checksum of that file.
        input_size: Height and width in pixels that the network was trained at.
        buckets: Further heights and widths that it was trained at.
        resize_mode: How its images were put into that size, see `samjax.data.resize_mode`.
        viewing_times_ms: Of each timestep in training, see `samjax.training.losses.LossOptions`.
        card: The facts of its model card in types that JSON has, see `samjax.report.card_facts`;
            {} where none are known.
    """

    kind: str
    variables: dict
    model: dict
    origin: str
    sha256: str
    input_size: tuple[int, int] = (240, 320)
    buckets: tuple[tuple[int, int], ...] = ()
    resize_mode: str = "letterbox"
    viewing_times_ms: tuple[float, ...] = ()
    card: dict[str, Any] = field(default_factory=dict)

    @property
    def preset(self) -> str:
        """The preset that these weights belong to: "paper" for the released network, else "samjax".

        Files call it `face`.
        """
        fields = {**PAPER, **self.model}
        return "paper" if self.kind == "sam" and is_paper(fields) else "samjax"

    def flat(self) -> dict[Path, np.ndarray]:
        """Return the variables by their paths."""
        return flatten_dict(self.variables)


def is_paper(model: dict) -> bool:
    """Return whether these fields of SAM give the released network.

    The number of timesteps is free, since it changes no variable, and so are fields that the
    backbone does not look at.
    """
    free = ("timesteps", *_unused(model["backbone"]))
    return all(model.get(field) == value for field, value in PAPER.items() if field not in free)


def shapes(model: dict) -> dict[Path, tuple[int, ...]]:
    """Return the shape of every variable of SAM with these fields; nothing is computed.

    Args:
        model: Fields of `SAM`; the others have their defaults.
    """
    # More than one timestep changes no shape, and one is traced faster.
    return dict(_shapes(SAM(**{**model, "timesteps": min(model.get("timesteps", 1), 1)})))


@lru_cache(maxsize=8)
def _shapes(model: SAM) -> dict[Path, tuple[int, ...]]:
    """Trace the network's initialisation for the shapes of its variables."""
    images = jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.uint8)
    # The key is made inside, where nothing is computed: outside, a program would be compiled.
    variables = jax.eval_shape(lambda images: model.init(jax.random.key(0), images), images)
    return {path: leaf.shape for path, leaf in flatten_dict(variables).items()}


def backbone_shapes(model: dict) -> dict[Path, tuple[int, ...]]:
    """Return the shape of every variable of the backbone, see `shapes`."""
    return {path: shape for path, shape in shapes(model).items() if path[1] == "backbone"}


def assemble_backbone(model: dict, pick: Pick, path: FilePath) -> Pretrained:
    """Return a backbone, variable by variable.

    Args:
        model: The fields of SAM that the backbone demands.
        pick: Called with the path and the shape of each variable, returns its array.
        path: The file that the arrays come from.
    """
    flat = {variable: pick(variable, shape) for variable, shape in backbone_shapes(model).items()}
    return Pretrained("backbone", unflatten_dict(flat), model, path.name, sha256(path))


def merge_pretrained(
    variables: dict, weights: Pretrained, model: SAM, parts: tuple[str, ...] = PARTS
) -> dict:
    """Return a model's variables with the arrays of a file in the places of some of its parts.

    Args:
        variables: The variables of `model`, as `SAM.init` nests them.
        weights: What the file holds.
        model: The network.
        parts: The parts of the network that the file gives, as in `PARTS`.

    Raises:
        UserError: The model is not what the arrays were made for; so a stride in the wrong
            convolution or another normalisation of the input cannot pass silently.
    """
    flat = flatten_dict(variables)
    arrays = {path: array for path, array in weights.flat().items() if path[1] in parts}
    for part in dict.fromkeys(path[1] for path in arrays):
        _check_fields(weights, model, part)
    for path, array in arrays.items():
        shape = flat[path].shape if path in flat else "nothing"
        if shape != array.shape:
            name = "/".join(path)
            raise UserError(f"{weights.origin}: {name} is {array.shape}, the model has {shape}")
        flat[path] = array
    return unflatten_dict(flat)


def _check_fields(weights: Pretrained, model: SAM, part: str) -> None:
    """Check that a part's arrays mean the same in the model; UserError names the field to set."""
    for name in FIELDS.get(part, ()):
        wanted = weights.model.get(name, getattr(model, name))
        if name not in _unused(model.backbone) and getattr(model, name) != wanted:
            raise UserError(
                f"{weights.origin} needs model.{name}={wanted!r}, the model has "
                f"{getattr(model, name)!r}; set --config.model.{name}={wanted}"
            )


def _unused(backbone: str) -> tuple[str, ...]:
    """Return the fields of SAM that this backbone does not look at."""
    return ("norm",) if BACKBONES[backbone][0] is ResNet else ("stride_on",)
