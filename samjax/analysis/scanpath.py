"""Gaze order: likely sequences of fixations, drawn from a density with inhibition of return.

The model is static: it says where people look, not in which order. These sequences are an
illustration of what its density allows; how plausible they are is measured in
docs/how-to/scanpath.md.

The place x_k of fixation k is drawn with a probability proportional to

    density(x)  *  prod_j (1 - strength * forgetting^(k - 1 - j) * g(|x - x_j|, radius))
                *  (floor + g(|x - x_(k-1)|, reach))

over the fixations j < k before it, with g(d, s) = exp(-d^2 / 2 s^2).

The second factor is inhibition of return: a place that was looked at is left, and looked at again
when it is forgotten (Posner and Cohen, "Components of visual orienting", 1984). Itti, Koch and
Niebur (IEEE TPAMI 20, 1998) and Itti and Koch (Vision Research 40, 2000) suppress the surroundings
of the winner of their map for 500 to 900 ms, that is for two to three fixations. Here the place is
drawn and is no winner, as in Boccignone and Ferraro (Physica A 331, 2004), so that there are as
many sequences as there are people. The last factor prefers near places, because most saccades are
short (Tatler, Baddeley and Vincent, Vision Research 46, 2006); before the first fixation, the eyes
are in the middle of the picture.
"""

from collections import deque
from typing import NamedTuple

import cv2
import numpy as np

from samjax.analysis.windows import checked
from samjax.errors import UserError

CELLS = 96
"""Of the longer side of the grid from which places are drawn; within a cell all are alike."""
MAX_NUMBER = 1000
"""Of fixations in a sequence, and of sequences at once."""
MEMORY = 12
"""Fixations that inhibit; what earlier ones would is forgotten, but for a few percent."""


class Rule(NamedTuple):
    """The constants of the rule. Lengths are fractions of the picture's longer side.

    One degree of visual angle is 3 % of the longer side in the datasets that samjax knows. The
    values are the best of a few on 50 training images of osie, by ScanMatch; `experiments`
    compares them with people on the validation images.

    Attributes:
        strength: How much of the density inhibition takes away at the place itself, 0 to 1.
        radius: The standard deviation of the inhibition.
        forgetting: What is left of the inhibition with each further fixation.
        reach: The standard deviation of the preference for near places.
        floor: The preference for places far away, beside 1 for the nearest; with a large one all
            are alike.
    """

    strength: float = 1.0
    radius: float = 0.06
    forgetting: float = 0.5
    reach: float = 0.2
    floor: float = 0.02


RULE = Rule()


def scanpaths(
    density: np.ndarray, fixations: int, sequences: int = 1, *, seed: int = 0, rule: Rule = RULE
) -> np.ndarray:
    """Return likely sequences of fixations.

    Args:
        density: [H, W], >= 0; a map of zeros counts as flat.
        fixations: How many each sequence has.
        sequences: How many there are, drawn independently.
        seed: The same one gives the same sequences for the same density.
        rule: The constants, see `Rule`.

    Returns:
        float64 [sequences, fixations, 2], (x, y) in pixels; a whole number is a pixel's centre.

    Raises:
        UserError: It is no density, or a number is not possible.
    """
    check_numbers(fixations, sequences, seed)
    density = checked(density)
    height, width = density.shape
    scale = min(1.0, CELLS / max(height, width))
    grid = max(1, round(width * scale)), max(1, round(height * scale))
    cells = cv2.resize(density, grid, interpolation=cv2.INTER_AREA).astype(np.float64)
    drawn = _drawn(cells, fixations, sequences, np.random.default_rng(seed), rule)
    # From cells to pixels: x' = (x + .5) * W / w - .5, and here x + .5 is what was drawn.
    return drawn * (width / grid[0], height / grid[1]) - 0.5


def check_numbers(fixations: int, sequences: int, seed: int) -> None:
    """Check the numbers that `scanpaths` takes.

    Raises:
        UserError: One is not possible.
    """
    for name, number in (("fixations", fixations), ("sequences", sequences)):
        if not 1 <= number <= MAX_NUMBER:
            raise UserError(f"{name}={number} is not possible; give 1 to {MAX_NUMBER}")
    if seed < 0:
        raise UserError(f"seed={seed} is not possible; give 0 or more")


def _drawn(
    cells: np.ndarray, fixations: int, sequences: int, rng: np.random.Generator, rule: Rule
) -> np.ndarray:
    """Return the places [S, N, 2] in a grid [h, w], x and y from 0 to w and h."""
    rows, columns = cells.shape
    longer = max(rows, columns)
    centres = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2) + 0.5
    weight = cells.ravel() / cells.sum()
    # Each [S, h * w]: where the latest fixations inhibit, and what is near the last one.
    taken: deque[np.ndarray] = deque(maxlen=MEMORY)
    near = rule.floor + _gaussian(centres, np.array([[columns, rows]]) / 2, rule.reach * longer)
    places = np.zeros((sequences, fixations, 2))
    for k in range(fixations):
        chance = np.broadcast_to(weight * near, (sequences, weight.size))
        for ago, around in enumerate(reversed(taken)):
            chance = chance * (1 - rule.strength * rule.forgetting**ago * around)
        chance = np.cumsum(chance, axis=1)
        chance = np.where(chance[:, -1:] > 0, chance, np.cumsum(weight))  # all is inhibited
        draw = rng.random((sequences, 1)) * chance[:, -1:]
        cell = (chance <= draw).sum(axis=1).clip(max=weight.size - 1)
        places[:, k] = centres[cell] + rng.random((sequences, 2)) - 0.5
        taken.append(_gaussian(centres, places[:, k], rule.radius * longer))
        near = rule.floor + _gaussian(centres, places[:, k], rule.reach * longer)
    return places


def _gaussian(centres: np.ndarray, around: np.ndarray, sigma: float) -> np.ndarray:
    """Return a Gaussian [S, N], 1 at its middle, of places [N, 2] around others [S, 2]."""
    squares = np.square(centres - around[:, None]).sum(axis=-1)
    return np.exp(-squares / (2 * sigma**2))
