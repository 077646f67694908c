"""Synthetic scenes in which it is known where people look.

A scene is a textured background with things on it: faces, text, and one odd shape that pops out
among distractors. The gaze is a mixture of Gaussians: one for each thing, a weak one for each
distractor, and one for the center bias. The density of a scene is that mixture, and its fixations
are drawn from it.
"""

from dataclasses import dataclass

import numpy as np

GAZE_SPREAD = 0.03
"""Scatter of the gaze around its aim, one degree, as a fraction of the image's longer side."""

CENTER_AIM = 0
"""The number of the aim that is the center bias."""


@dataclass(frozen=True)
class SceneSpec:
    """What all scenes of a dataset have in common.

    Attributes:
        height: Of the image in pixels.
        width: Of the image in pixels.
        subjects: How many subjects look at each image.
        fixations: Mean number of fixations per subject and image.
    """

    height: int = 240
    width: int = 320
    subjects: int = 10
    fixations: float = 8.0

    @property
    def sigma_px(self) -> float:
        """Standard deviation of one degree of visual angle in pixels."""
        return GAZE_SPREAD * max(self.height, self.width)


@dataclass(frozen=True)
class Aim:
    """Something that is looked at.

    Attributes:
        x: Its centre in pixels.
        y: Its centre in pixels.
        half_width: Half of its width in pixels.
        half_height: Half of its height in pixels.
        weight: How strongly it attracts the gaze, relative to the other aims.
    """

    x: float
    y: float
    half_width: float
    half_height: float
    weight: float


@dataclass(frozen=True)
class Scene:
    """A scene and the gaze on it.

    Attributes:
        spec: What it has in common with the other scenes of its dataset.
        image: uint8 [H, W, 3], RGB.
        aims: The K components of the gaze. Their weights sum to 1, and the first one is the
            center bias.
    """

    spec: SceneSpec
    image: np.ndarray
    aims: tuple[Aim, ...]

    def spreads(self) -> np.ndarray:
        """Return the standard deviations [K, 2] (x, y) of the mixture's components in pixels."""
        half_sizes = np.array([(aim.half_width, aim.half_height) for aim in self.aims])
        # Half of that, because the gaze lands on things rather than on their edges.
        return np.hypot(0.5 * half_sizes, self.spec.sigma_px)

    def density(self) -> np.ndarray:
        """Return the probability of a fixation in each pixel, float64 [H, W], which sums to 1."""
        x, y = np.arange(self.spec.width), np.arange(self.spec.height)
        density = np.zeros((self.spec.height, self.spec.width))
        for aim, (spread_x, spread_y) in zip(self.aims, self.spreads(), strict=True):
            # A Gaussian along the axes is the product of two Gaussians of one axis each.
            along_x = np.exp(-0.5 * ((x - aim.x) / spread_x) ** 2) / spread_x
            along_y = np.exp(-0.5 * ((y - aim.y) / spread_y) ** 2) / spread_y
            density += aim.weight * np.outer(along_y, along_x)
        return density / density.sum()

    def gaze(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return fixations of all subjects, drawn from the density, in the order of looking.

        Returns:
            The fields of an `Example`: points float32 [N, 2], subject int32 [N], duration_ms
            float32 [N] and order int32 [N], grouped by subject.
        """
        num_fixations = np.maximum(rng.poisson(self.spec.fixations, self.spec.subjects), 1)
        points, aims = self._sample(num_fixations.sum(), rng)
        subject = np.repeat(np.arange(self.spec.subjects), num_fixations)
        # The gaze starts at the center and turns to what is strongest first, with some noise.
        weights = np.array([aim.weight for aim in self.aims])
        urgency = np.where(aims == CENTER_AIM, 1.0, weights[aims])
        urgency = urgency * rng.lognormal(0, 0.6, len(aims))
        sequence = np.lexsort((-urgency, subject))
        order = np.concatenate([np.arange(number) for number in num_fixations])
        return {
            "points": points[sequence].astype(np.float32),
            "subject": subject.astype(np.int32),
            "duration_ms": np.rint(rng.lognormal(5.5, 0.4, len(aims))).astype(np.float32),
            "order": order.astype(np.int32),
        }

    def _sample(self, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return points [number, 2] inside the image, and the aims [number] they belong to."""
        weights = np.array([aim.weight for aim in self.aims])
        centres = np.array([(aim.x, aim.y) for aim in self.aims])
        size, spreads = (self.spec.width, self.spec.height), self.spreads()
        points, aims = np.empty((0, 2)), np.empty(0, int)
        while len(points) < number:
            new_aims = rng.choice(len(weights), number, p=weights / weights.sum())
            new_points = rng.normal(centres[new_aims], spreads[new_aims])
            new_points = np.round(new_points, 1)  # the files of eye trackers have one decimal
            inside = ((new_points >= 0) & (new_points <= np.subtract(size, 1))).all(axis=1)
            points = np.vstack([points, new_points[inside]])
            aims = np.append(aims, new_aims[inside])
        return points[:number], aims[:number]
