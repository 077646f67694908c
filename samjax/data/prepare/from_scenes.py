"""`synthetic`: drawn scenes in which it is known where people look. It needs no files."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from samjax.data.dataset import Dataset
from samjax.data.example import Example, Facts, Sigma
from samjax.data.prepare.staging import final_place
from samjax.data.prepare.writer import SHARD_BYTES, DatasetContents, write_dataset
from samjax.data.raw.dataset_spec import Item, LoadedItem
from samjax.data.synthetic.composer import draw_scene
from samjax.data.synthetic.scenes import Scene, SceneSpec
from samjax.errors import UserError

COUNTS = {"train": 160, "validation": 40, "test": 40}
"""Images per split unless told otherwise."""

SPLITS = tuple(COUNTS)

SCENES_PER_SHARD = 2000


def prepare_synthetic(
    name: str = "synthetic",
    *,
    data_dir: str | Path | None = None,
    spec: SceneSpec | None = None,
    counts: dict[str, int] | None = None,
    seed: int = 0,
    overwrite: bool = False,
    jobs: int = 1,
) -> Dataset:
    """Draw scenes and write them as a dataset. It is the same for any number of jobs.

    Args:
        name: The dataset's name.
        data_dir: Where prepared datasets are; None: the default.
        spec: Size of the scenes and number of subjects; None: the defaults of `SceneSpec`.
        counts: {split: number of scenes}; None: COUNTS.
        seed: Seed of all random draws.
        overwrite: Whether to replace a dataset of this name.
        jobs: How many processes draw.

    Raises:
        UserError: The dataset is there already, or no scene is asked for.
    """
    final = final_place(name, data_dir, overwrite=overwrite)
    spec, counts = spec or SceneSpec(), COUNTS if counts is None else counts
    if not any(counts.values()):
        raise UserError("no scene is asked for; give --counts with a number above 0")
    contents = DatasetContents(
        facts=_facts(spec, seed),
        items={
            split: [_item(spec, seed, split, number) for number in range(count)]
            for split, count in counts.items()
        },
        source_state=[asdict(spec), seed],
    )
    return write_dataset(final, contents, jobs=jobs, doing="drawing")


def synthetic_example(spec: SceneSpec, seed: int, split: str, number: int) -> Example:
    """Return a scene as an example, with its gaze, and its density as a 16-bit PNG.

    It depends on the arguments alone: what else is in the dataset does not matter.

    Args:
        spec: What all scenes of the dataset have in common.
        seed: Seed of the dataset.
        split: One of SPLITS.
        number: The number of the scene in its split.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), number])
    scene = draw_scene(spec, rng)
    gaze = scene.gaze(rng)
    return Example(
        image=_encode(".jpg", cv2.cvtColor(scene.image, cv2.COLOR_RGB2BGR)),
        image_id=_image_id(split, number),
        height=spec.height,
        width=spec.width,
        points=gaze["points"],
        subject=gaze["subject"],
        duration_ms=gaze["duration_ms"],
        order=gaze["order"],
        density=_encode(".png", _to_16_bit(scene)),
        sigma_px=spec.sigma_px,
    )


def _item(spec: SceneSpec, seed: int, split: str, number: int) -> Item:
    load = partial(_load, spec, seed, split, number)
    # The size of the file is not known before the scene is drawn; this one fills shards as meant.
    return Item(_image_id(split, number), load, SHARD_BYTES // SCENES_PER_SHARD)


def _load(spec: SceneSpec, seed: int, split: str, number: int) -> LoadedItem:
    return LoadedItem(synthetic_example(spec, seed, split, number))


def _image_id(split: str, number: int) -> str:
    return f"{split}_{number:05d}"


def _to_16_bit(scene: Scene) -> np.ndarray:
    density = scene.density()
    # The largest value becomes the largest number, so that no precision is given away.
    return np.rint(density / density.max() * 65535).astype(np.uint16)


def _encode(ending: str, image: np.ndarray) -> bytes:
    return cv2.imencode(ending, image)[1].tobytes()


def _facts(spec: SceneSpec, seed: int) -> Facts:
    return Facts(
        sigma=Sigma(pixels=spec.sigma_px),
        edition=f"synthetic, seed {seed}, {spec.width} x {spec.height}",
        split_recipe="each scene drawn on its own from (seed, split, number)",
        pixels_per_degree=spec.sigma_px,
        description="Drawn scenes: odd ones out, faces, text; gaze sampled from a known density",
        licence="no rights reserved (CC0)",
    )
