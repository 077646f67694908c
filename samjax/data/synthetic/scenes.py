"""Synthetic scenes in which it is known where people look.

A scene is a textured background with things on it: faces, text, and one odd shape that pops out
among distractors. Gaze is a mixture of one Gaussian per thing, a weak one per distractor, and a
center bias; the density is that mixture, and fixations are drawn from it.
"""

from dataclasses import dataclass

import numpy as np

GAZE_SPREAD = 0.03
"""Scatter of gaze about its aim: one degree, as a fraction of the longer side."""


@dataclass(frozen=True)
class SceneSpec:
    """What all scenes of a dataset share."""

    height: int = 240
    width: int = 320
    subjects: int = 10
    fixations: float = 8.0  # mean number per subject and image

    @property
    def sigma_px(self) -> float:
        return GAZE_SPREAD * max(self.height, self.width)


@dataclass(frozen=True)
class Aim:
    """Something that is looked at: position and half sizes in pixels, and how strongly."""

    x: float
    y: float
    half_width: float
    half_height: float
    weight: float


@dataclass(frozen=True)
class Scene:
    """image: uint8 [H, W, 3] RGB; aims: the components of the gaze, weights summing to one."""

    spec: SceneSpec
    image: np.ndarray
    aims: tuple[Aim, ...]

    def spreads(self) -> np.ndarray:
        """Standard deviations [K, 2] (x, y) of the mixture's components."""
        halves = np.array([(aim.half_width, aim.half_height) for aim in self.aims])
        # Half of the size, since gaze lands on things rather than on their edges.
        return np.hypot(0.5 * halves, self.spec.sigma_px)

    def density(self) -> np.ndarray:
        """Probability of a fixation per pixel, float64 [H, W], sums to one."""
        x, y = np.arange(self.spec.width), np.arange(self.spec.height)
        density = np.zeros((self.spec.height, self.spec.width))
        for aim, (spread_x, spread_y) in zip(self.aims, self.spreads(), strict=True):
            across = np.exp(-0.5 * ((x - aim.x) / spread_x) ** 2) / spread_x
            down = np.exp(-0.5 * ((y - aim.y) / spread_y) ** 2) / spread_y
            density += aim.weight * np.outer(down, across)
        return density / density.sum()

    def gaze(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Fixations of all subjects, drawn from the density, in the order of looking: fixations
        [N, 2], subject [N], duration_ms [N], order [N]."""
        numbers = np.maximum(rng.poisson(self.spec.fixations, self.spec.subjects), 1)
        points, aims = self._sample(numbers.sum(), rng)
        subject = np.repeat(np.arange(self.spec.subjects), numbers)
        # Gaze starts at the center (aim 0) and turns to what is strongest first, with some noise.
        weights = np.array([aim.weight for aim in self.aims])
        urgency = np.where(aims == 0, 1.0, weights[aims]) * rng.lognormal(0, 0.6, len(aims))
        sequence = np.lexsort((-urgency, subject))
        order = np.concatenate([np.arange(number) for number in numbers])
        return {
            "points": points[sequence].astype(np.float32),
            "subject": subject.astype(np.int32),
            "duration_ms": np.rint(rng.lognormal(5.5, 0.4, len(aims))).astype(np.float32),
            "order": order.astype(np.int32),
        }

    def _sample(self, number: int, rng) -> tuple[np.ndarray, np.ndarray]:
        """Points [number, 2] inside the image, and the aims [number] they belong to."""
        weights = np.array([aim.weight for aim in self.aims])
        centres = np.array([(aim.x, aim.y) for aim in self.aims])
        size, spreads = (self.spec.width, self.spec.height), self.spreads()
        points, aims = np.empty((0, 2)), np.empty(0, int)
        while len(points) < number:
            drawn = rng.choice(len(weights), number, p=weights / weights.sum())
            at = rng.normal(centres[drawn], spreads[drawn])
            at = np.round(at, 1)  # an eye tracker's files have a decimal
            inside = ((at >= 0) & (at <= np.subtract(size, 1))).all(axis=1)
            points, aims = np.vstack([points, at[inside]]), np.append(aims, drawn[inside])
        return points[:number], aims[:number]
