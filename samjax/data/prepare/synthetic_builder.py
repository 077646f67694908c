"""`synthetic`: drawn scenes in which it is known where people look; needs no files."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from samjax.data.example import Example, Facts, Sigma
from samjax.data.prepare.tfds_builder import SaliencyBuilder, Shard
from samjax.data.synthetic.composer import draw_scene
from samjax.data.synthetic.scenes import Scene, SceneSpec

COUNTS = {"train": 160, "validation": 40, "test": 40}
"""Images per split unless told otherwise."""

SHARD_IMAGES = 2000


class SyntheticBuilder(SaliencyBuilder):
    """Draws `counts` scenes per split; scene i of a split depends on seed, split and i alone."""

    def __init__(
        self,
        name: str,
        data_dir: str | Path,
        spec: SceneSpec,
        counts: dict[str, int] | None = None,
        seed: int = 0,
        track=iter,
    ):
        """`track` wraps a shard's range of images to show progress."""
        self.spec, self.seed, self.track = spec, seed, track
        self.counts = {split: n for split, n in (counts or COUNTS).items() if n}
        super().__init__(name, _facts(spec, seed), data_dir)

    def split_shards(self) -> dict[str, Sequence[Shard]]:
        return {
            split: [
                partial(self._examples, split, range(start, min(start + SHARD_IMAGES, count)))
                for start in range(0, count, SHARD_IMAGES)
            ]
            for split, count in self.counts.items()
        }

    def _examples(self, split: str, numbers: range) -> Iterator[Example]:
        for number in self.track(numbers):
            yield synthetic_example(self.spec, self.seed, split, number)


def synthetic_example(spec: SceneSpec, seed: int, split: str, number: int) -> Example:
    """Scene `number` of a split, with its gaze and its density as a 16-bit PNG."""
    rng = np.random.default_rng([seed, list(COUNTS).index(split), number])
    scene = draw_scene(spec, rng)
    return Example(
        image=_encoded(".jpg", cv2.cvtColor(scene.image, cv2.COLOR_RGB2BGR)),
        image_id=f"{split}_{number:05d}",
        height=spec.height,
        width=spec.width,
        density=_encoded(".png", _to_16_bit(scene)),
        sigma_px=spec.sigma_px,
        **scene.gaze(rng),
    )


def _to_16_bit(scene: Scene) -> np.ndarray:
    density = scene.density()
    return np.rint(density / density.max() * 65535).astype(np.uint16)


def _encoded(ending: str, image: np.ndarray) -> bytes:
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
