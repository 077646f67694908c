"""Random synthetic scenes: what is on them, where it is, and how strongly it attracts the gaze."""

from typing import NamedTuple

import cv2
import numpy as np

from samjax.data.synthetic import art
from samjax.data.synthetic.scenes import Aim, Scene, SceneSpec

ENLARGED = 2
"""Scenes are drawn this much larger and shrunk by area, which smooths their edges."""

CENTER_FRACTION = 0.12
"""The fraction of the gaze that goes to the center whatever is there."""

CENTER_SPREAD = 0.16
"""Standard deviation of the center bias, as a fraction of the image's size on each axis."""

DISTRACTOR_WEIGHT = 0.015
"""How strongly a distractor attracts the gaze, where a face or the odd one out has 1."""

ATTEMPTS = 30
"""How often a free place is looked for at random before a thing is left out."""


class _Look(NamedTuple):
    """How the shapes of a kind look: one of SHAPES, an RGB colour, an angle in radians."""

    shape: str
    colour: tuple[int, int, int]
    angle: float


def draw_scene(spec: SceneSpec, rng: np.random.Generator) -> Scene:
    """Return a random scene.

    Most scenes have distractors with an odd one out among them. All have up to two faces, and a
    text by chance or where nothing else is there.
    """
    composer = _Composer(spec, rng)
    if rng.random() < 0.7:
        composer.add_odd_one_out()
    for _ in range(rng.integers(0, 3)):
        composer.add_face()
    if rng.random() < 0.5 or len(composer.aims) == 0:
        composer.add_text()
    return composer.scene()


class _Composer:
    """Places things on an enlarged canvas so that they do not overlap, and notes their aims."""

    def __init__(self, spec: SceneSpec, rng: np.random.Generator):
        self.spec, self.rng = spec, rng
        size = ENLARGED * spec.height, ENLARGED * spec.width
        self.canvas = art.background(*size, rng)
        self.aims: list[Aim] = []

    def add_odd_one_out(self) -> None:
        """Draw up to 24 equal shapes on a loose grid, one of them odd in colour or in shape."""
        rng, spec = self.rng, self.spec
        columns, rows = int(rng.integers(4, 7)), int(rng.integers(3, 5))
        cell = np.array([spec.width / columns, spec.height / rows])
        cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2)
        centres = (cells + 0.5 + rng.uniform(-0.22, 0.22, cells.shape)) * cell
        radius = rng.uniform(0.16, 0.24) * cell.min()
        odd_one = int(rng.integers(len(centres)))
        usual, unusual = self._two_looks()
        for i, (x, y) in enumerate(centres):
            look = unusual if i == odd_one else usual
            art.shape(
                self.canvas,
                look.shape,
                ENLARGED * x,
                ENLARGED * y,
                ENLARGED * radius,
                look.colour,
                look.angle + rng.normal(0, 0.08),
            )
            weight = 1.0 if i == odd_one else DISTRACTOR_WEIGHT
            self.aims.append(Aim(x, y, radius, radius, weight))

    def _two_looks(self) -> tuple[_Look, _Look]:
        """Return the look of the distractors and that of the odd one out."""
        rng = self.rng
        shape, hue = str(rng.choice(art.SHAPES)), rng.random()
        angle = rng.uniform(0, np.pi)
        usual = art.colour(hue, rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.9))
        odd_hue = hue + rng.uniform(0.33, 0.67)
        unusual = art.colour(odd_hue, rng.uniform(0.8, 1), rng.uniform(0.8, 1))
        if rng.random() < 0.3:  # odd in shape as well
            others = [other for other in art.SHAPES if other != shape]
            odd_shape = str(rng.choice(others))
            return _Look(shape, usual, angle), _Look(odd_shape, unusual, angle)
        return _Look(shape, usual, angle), _Look(shape, unusual, angle + np.pi / 2)

    def add_face(self) -> None:
        """Draw a face where there is room for it."""
        radius = self.rng.uniform(0.07, 0.12) * self.spec.height
        spot = self._free_spot(1.3 * radius, 1.6 * radius)
        if spot:
            x, y = spot
            art.face(self.canvas, ENLARGED * x, ENLARGED * y, ENLARGED * radius, self.rng)
            self.aims.append(Aim(x, y, 0.8 * radius, radius, 1.0))

    def add_text(self) -> None:
        """Draw a panel with text where there is room for it."""
        half_width = self.rng.uniform(0.1, 0.18) * self.spec.width
        half_height = half_width * self.rng.uniform(0.3, 0.5)
        spot = self._free_spot(half_width, half_height)
        if spot:
            x, y = spot
            art.text(
                self.canvas,
                ENLARGED * x,
                ENLARGED * y,
                ENLARGED * half_width,
                ENLARGED * half_height,
                self.rng,
            )
            self.aims.append(Aim(x, y, half_width, half_height, 0.7))

    def _free_spot(self, half_width: float, half_height: float) -> tuple[float, float] | None:
        """Return a random place (x, y) for a thing, clear of what is looked at; None if crowded.

        The thing may cover distractors, which are then not looked at any more.
        """
        width, height = self.spec.width, self.spec.height
        for _ in range(ATTEMPTS):
            x = self.rng.uniform(half_width, width - half_width)
            y = self.rng.uniform(half_height, height - half_height)
            strong = [aim for aim in self.aims if aim.weight > DISTRACTOR_WEIGHT]
            too_near = any(
                abs(x - aim.x) < 1.2 * (half_width + aim.half_width)
                and abs(y - aim.y) < 1.2 * (half_height + aim.half_height)
                for aim in strong
            )
            if not too_near:
                self.aims = [
                    aim
                    for aim in self.aims
                    if abs(x - aim.x) > half_width or abs(y - aim.y) > half_height
                ]
                return x, y
        return None

    def scene(self) -> Scene:
        """Return the finished scene: the picture in its own size, and weights that sum to 1."""
        spec = self.spec
        size = spec.width, spec.height
        image = cv2.resize(self.canvas, size, interpolation=cv2.INTER_AREA)
        total = sum(aim.weight for aim in self.aims)
        aims = [self._center(CENTER_FRACTION if self.aims else 1.0)]
        for aim in self.aims:
            weight = (1 - CENTER_FRACTION) * aim.weight / total
            aims.append(Aim(aim.x, aim.y, aim.half_width, aim.half_height, weight))
        return Scene(spec, image, tuple(aims))

    def _center(self, weight: float) -> Aim:
        # Twice the spread, because `Scene.spreads` halves sizes.
        half_width, half_height = 2 * CENTER_SPREAD * np.array([self.spec.width, self.spec.height])
        middle = (self.spec.width - 1) / 2, (self.spec.height - 1) / 2
        return Aim(*middle, half_width, half_height, weight)
