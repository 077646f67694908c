"""Computes features of a backbone shard by shard, for `feature_cache`."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

import grain
import jax
import numpy as np

from samjax.console.log import log
from samjax.console.progress import ProgressBar
from samjax.data.loading import read_ahead
from samjax.data.stored_features import DTYPES
from samjax.errors import UserError
from samjax.files.json_file import write_json
from samjax.files.lock import locked
from samjax.models.features import backbone_features
from samjax.parallel.mesh import put, replicated
from samjax.training.experiment import Experiment
from samjax.training.feature_parts import Part
from samjax.training.feature_shards import Shards, find_shards, remove_useless, write_shard

DESCRIPTION = "features.json"
"""What the features of a folder are made of, for people."""

Compute = Callable[[np.ndarray], np.ndarray]


def compile_features(experiment: Experiment, variables: dict) -> Compute:
    """Return what computes the stored features of images [B, H, W, 3], on all devices."""
    mesh, dtype = experiment.mesh, experiment.feature_cache.dtype

    def features(variables: dict, images: jax.Array) -> jax.Array:
        return backbone_features(experiment.model, variables, images).astype(DTYPES[dtype])

    compiled = jax.jit(features, out_shardings=replicated(mesh))

    def compute(images: np.ndarray) -> np.ndarray:
        # A batch that is not full is filled up: one shape is one program, and divides over devices.
        full = np.zeros((experiment.loading.batch_size, *images.shape[1:]), images.dtype)
        full[: len(images)] = images
        values = np.asarray(compiled(variables, put({"image": full}, mesh)["image"]))
        values = values[: len(images)]
        if not np.isfinite(values).all():
            remedy = "set --config.train.cache_dtype=bfloat16, or check the backbone's weights"
            raise UserError(f"features of images do not fit train.cache_dtype={dtype!r}; {remedy}")
        return values

    return compute


def fill(
    part: Part, compute: Compute, experiment: Experiment, check_stop: Callable[[], None]
) -> Shards:
    """Make the shards of a part that are missing or damaged, and return all of them.

    Raises:
        UserError: Another run is making them.
    """
    part.folder.mkdir(parents=True, exist_ok=True)
    remedy = "give this command again when it is done, or set another --config.train.cache_dir"
    with locked(part.folder, remedy):
        # Another run may have made some since they were looked for.
        found = find_shards(part.folder)
        for path in found.damaged:
            log(f"{path} is not what was written; it is made again")
        remove_useless(part.folder, found.damaged)
        write_json(part.folder / DESCRIPTION, part.identity)
        missing = found.missing(part.layout)
        numbers = [row for number in missing for row in part.layout.rows_of(number)]
        doing = f"features of {part.title}"
        with (
            closing(_compute_rows(part, numbers, compute, experiment, check_stop)) as rows,
            ProgressBar(doing, len(numbers), unit="views") as progress,
        ):
            for number in missing:
                shard = np.empty(len(part.layout.rows_of(number)), part.layout.row_type)
                for k in range(len(shard)):
                    shard[k] = next(rows)
                    progress.done()
                found.whole[number] = write_shard(part.folder, number, shard)
    return found


class _Rows:
    """Random access to the images and windows of some rows of a part."""

    def __init__(self, part: Part, numbers: Sequence[int]) -> None:
        self._part, self._numbers = part, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, i: int) -> dict[str, np.ndarray]:
        return self._part.row(self._numbers[int(i)])


def _compute_rows(
    part: Part,
    numbers: Sequence[int],
    compute: Compute,
    experiment: Experiment,
    check_stop: Callable[[], None],
) -> Generator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows of these numbers, as they are stored."""
    bits = part.layout.row_type["values"].base
    data = grain.MapDataset.source(_Rows(part, numbers)).batch(experiment.loading.batch_size)
    batches: Any = read_ahead(data, experiment.loading.threads, num_workers=0)
    with closing(batches):
        for batch in batches:
            check_stop()
            values = compute(batch["image"])
            yield from zip(batch["window"], values.view(bits), strict=True)
