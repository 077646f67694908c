"""What reading a weight file gives: arrays for SAM's variables and the fields they demand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from samjax.errors import UserError
from samjax.files.checksum import sha256
from samjax.models import SAM
from samjax.models.presets import PAPER
from samjax.models.resnet import ResNet
from samjax.models.sam import BACKBONES, PARTS

Path = tuple[str, ...]  # of a variable
Pick = Callable[[Path, tuple[int, ...]], np.ndarray]

# Beside shapes, the fields that decide whether a part's arrays mean the same in another model.
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

    kind: "sam", the variables of a whole network; or "backbone", those of its backbone only.
    variables: {"params": ..., "batch_stats": ...} as `SAM.init` nests them (the backbone's under
      "backbone" there too).
    model: the fields of `SAM` that these arrays demand; for a backbone, where its stride sits and
      how its input is normalised are among them.
    origin: the file's name, or what it was converted from; sha256: of that file.
    input_size: height and width that the network was trained at; buckets: further ones; framing:
      how its images were put into that size, see `samjax.data.resize_mode`.
    """

    kind: str
    variables: dict
    model: dict
    origin: str
    sha256: str
    input_size: tuple[int, int] = (240, 320)
    buckets: tuple[tuple[int, int], ...] = ()
    resize_mode: str = "letterbox"

    @property
    def face(self) -> str:
        """ "paper" for the released network, "samjax" for any other."""
        fields = {**PAPER, **self.model}
        return "paper" if self.kind == "sam" and is_paper(fields) else "samjax"

    def flat(self) -> dict[Path, np.ndarray]:
        return flatten_dict(self.variables)


def is_paper(model: dict) -> bool:
    """Whether these fields give the released network, with any number of timesteps."""
    free = ("timesteps", *_unused(model["backbone"]))
    return all(model.get(k) == v for k, v in PAPER.items() if k not in free)


def shapes(model: dict) -> dict[Path, tuple[int, ...]]:
    """The shape of every variable of SAM with these fields, by its path; computes nothing."""
    # Beyond the first, the count of steps changes no shape.
    return dict(_shapes(SAM(**{**model, "timesteps": min(model.get("timesteps", 1), 1)})))


@lru_cache(maxsize=8)
def _shapes(model: SAM) -> dict[Path, tuple[int, ...]]:
    images = jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.uint8)
    variables = jax.eval_shape(model.init, jax.random.key(0), images)
    return {path: leaf.shape for path, leaf in flatten_dict(variables).items()}


def backbone_shapes(model: dict) -> dict[Path, tuple[int, ...]]:
    return {path: shape for path, shape in shapes(model).items() if path[1] == "backbone"}


def assemble_backbone(model: dict, pick: Pick, path: FilePath) -> Pretrained:
    """A backbone of which every variable is `pick(its path, its shape)`, from the file `path`."""
    flat = {p: pick(p, shape) for p, shape in backbone_shapes(model).items()}
    return Pretrained("backbone", unflatten_dict(flat), model, path.name, sha256(path))


def merge_pretrained(
    variables: dict, weights: Pretrained, model: SAM, parts: tuple[str, ...] = PARTS
) -> dict:
    """`variables` of `model` with the file's arrays of these parts of the network in their places.

    Raises UserError where the model is not what the arrays were made for, so that a stride on
    the wrong convolution or another normalisation of the input cannot pass silently.
    """
    flat = flatten_dict(variables)
    arrays = {path: array for path, array in weights.flat().items() if path[1] in parts}
    for part in dict.fromkeys(path[1] for path in arrays):
        _check_fields(weights, model, part)
    for path, array in arrays.items():
        have = flat[path].shape if path in flat else "nothing"
        if have != array.shape:
            name = "/".join(path)
            raise UserError(f"{weights.origin}: {name} is {array.shape}, the model has {have}")
        flat[path] = array
    return unflatten_dict(flat)


def _check_fields(weights: Pretrained, model: SAM, part: str) -> None:
    for field in FIELDS.get(part, ()):
        wanted = weights.model.get(field, getattr(model, field))
        if field not in _unused(model.backbone) and getattr(model, field) != wanted:
            raise UserError(
                f"{weights.origin} needs model.{field}={wanted!r}, the model has "
                f"{getattr(model, field)!r}; set --config.model.{field}={wanted}"
            )


def _unused(backbone: str) -> tuple[str, ...]:
    """The fields of SAM that this backbone does not look at."""
    return ("norm",) if BACKBONES[backbone][0] is ResNet else ("stride_on",)
