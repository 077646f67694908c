"""What features are computed of: a part for each dataset on each canvas, and what it is known by.

Two runs share a part where all of this is equal: the backbone's weights and fields, the files of
the dataset and which of their images are taken, the canvas, the views and the type. Neither the
seed nor where anything lies matters.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax.traverse_util import flatten_dict

from samjax.data.canvas import by_canvas
from samjax.data.decoding import DecodedSource, Reduction
from samjax.data.mixture import WeightedSource
from samjax.data.rendering import Render
from samjax.data.stored_features import Layout
from samjax.data.transforms import Augment
from samjax.data.views import FixedViews
from samjax.models import SAM
from samjax.models.features import BACKBONE, feature_shape
from samjax.training.data_identity import shards_digest
from samjax.training.experiment import Experiment

FORMAT = 1
"""To be raised where the same images, views and weights would give other features."""

FIELDS = ("backbone", "norm", "stride_on", "dilated", "normalization")
"""The fields of SAM that the features depend on, beside the type that it computes in."""


@dataclass(frozen=True)
class Part:
    """The images of a dataset that one canvas takes, and their views.

    Attributes:
        title: For people.
        folder: Of the features.
        identity: What they are made of, in types that JSON has.
        layout: Of the features in the folder.
        images: Decoded as training decodes them.
        views: Draws their views.
    """

    title: str
    folder: Path
    identity: dict[str, Any]
    layout: Layout
    images: DecodedSource
    views: FixedViews

    def row(self, number: int) -> dict[str, np.ndarray]:
        """Return the image of row `number` of the features, and what its window is."""
        image, view = divmod(number, self.layout.views)
        window, element = self.views.show(self.images[image], view)
        fields = np.array(list(asdict(window).values()), np.float64)
        return {"image": element["image"], "window": fields}


def list_parts(
    experiment: Experiment,
    mixture: Sequence[WeightedSource],
    variables: dict[str, Any],
    folder: Path,
    augment: Augment,
    reduced: bool,
) -> list[list[Part | None]]:
    """Return the parts of each dataset of a mixture, one for each canvas; None without images.

    Args:
        experiment: Which has the network and the canvases.
        mixture: What is trained or validated on.
        variables: The network's.
        folder: Which has a folder for each part.
        augment: The views.
        reduced: Whether JPEGs are decoded no larger than needed.
    """
    dtype = experiment.feature_cache.dtype
    backbone = identify_backbone(experiment.model, variables)
    parts: list[list[Part | None]] = []
    for entry in mixture:
        taken = by_canvas(entry.source, experiment.canvases)
        data = {"shards": shards_digest(entry), "split": entry.source.split}
        parts.append([])
        for canvas, indices in zip(experiment.canvases, taken, strict=True):
            if not indices:
                parts[-1].append(None)
                continue
            reduction = Reduction(canvas.input, augment.crop, augment.zoom[1]) if reduced else None
            identity = {
                "format": FORMAT,
                "backbone": backbone,
                "data": data | {"images": _digest([entry.source.indices[i] for i in indices])},
                "canvas": list(canvas.input),
                "views": {name: _plain(value) for name, value in asdict(augment).items()},
                "reduced_decoding": reduced,
                "dtype": dtype,
            }
            height, width = canvas.input
            title = f"{entry.name}-{entry.source.split.partition('[')[0]}-{height}x{width}"
            shape = feature_shape(experiment.model, variables, canvas.input)
            parts[-1].append(
                Part(
                    title=title,
                    folder=folder / f"{title}-{_digest(identity)}",
                    identity=identity,
                    layout=Layout(len(indices), augment.views, shape, dtype),
                    images=DecodedSource(entry.source, indices, reduction=reduction),
                    views=FixedViews(Render(canvas.input, canvas.map), augment),
                )
            )
    return parts


def identify_backbone(model: SAM, variables: dict[str, Any]) -> dict[str, Any]:
    """Return what the features of a backbone depend on: its fields, and a digest of its weights.

    Args:
        model: The network.
        variables: The network's.
    """
    state = hashlib.sha256()
    of_backbone = {kind: parts.get(BACKBONE, {}) for kind, parts in variables.items()}
    for path, leaf in sorted(flatten_dict(jax.device_get(of_backbone)).items()):
        state.update("/".join(path).encode())
        state.update(np.ascontiguousarray(leaf).tobytes())
    fields = {name: getattr(model, name) for name in FIELDS}
    dtype = np.dtype(model.dtype or np.float32).name
    return fields | {"dtype": dtype, "weights": state.hexdigest()}


def _digest(value: Any) -> str:
    """Return a digest of a value that JSON has."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
