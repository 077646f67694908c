"""A prepared dataset at a glance: numbers, and a contact sheet."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from samjax.data.example import Example
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.evaluation.baselines import mean_density, resize_density
from samjax.evaluation.scoreboard import ground_truth
from samjax.files.atomic import atomic
from samjax.pictures.heatmap import overlay

COLUMNS, WIDTH, DPI = 6, 12.0, 110  # pictures in a row; inches; dots per inch
BIAS = 90, 120  # height and width of the center bias


def statistics(source: Source) -> dict[str, str]:
    """What there is, by name, as text."""
    examples = [_without_pixels(source[i]) for i in range(len(source))]
    points = np.array([len(e.points) for e in examples])
    subjects = {int(s) for e in examples for s in e.subject if s >= 0}
    sizes = Counter((e.width, e.height) for e in examples)
    common = ", ".join(f"{w} x {h} ({n})" for (w, h), n in sizes.most_common(3))
    durations = np.concatenate([e.duration_ms for e in examples] or [np.zeros(0)])
    known = durations[~np.isnan(durations)]
    fractions = _fractions(examples)
    found = {
        "images": f"{len(examples):,}",
        "sizes": f"{len(sizes)} different, most of all {common}",
        "fixations": f"{points.sum():,}, {points.mean():.1f} per image "
        f"({points.min()} to {points.max()}), {np.count_nonzero(points == 0)} images without",
        "subjects": f"{len(subjects)}" if subjects else "not named",
        "durations": f"{known.mean():.0f} ms on average" if known.size else "not known",
        "published maps": f"{sum(bool(e.density) for e in examples)}",
        "one degree": f"{np.mean([e.sigma_px for e in examples]):.1f} pixels on average",
    }
    if len(fractions):
        (x, y), (dx, dy) = fractions.mean(axis=0), fractions.std(axis=0)
        found["center bias"] = (
            f"mean at {x:.3f}, {y:.3f} of width and height, spread {dx:.3f}, {dy:.3f}"
        )
    return found


def contact_sheet(source: Source, count: int, path: Path) -> None:
    """PNG of `count` images spread over the split: each photograph with its fixations, and below
    it with its density; the first pair is the split's center bias."""
    spread = np.linspace(0, len(source) - 1, min(count, len(source)))
    examples = [source[i] for i in np.unique(np.rint(spread).astype(int)).tolist()]
    cells = len(examples) + 1
    rows = -(-cells // COLUMNS)
    height = WIDTH / COLUMNS * 0.75 * 2 * rows + 0.25 * 2 * rows
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    grid = figure.subplots(2 * rows, COLUMNS, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    _bias(grid[0, 0], grid[1, 0], source)
    for k, example in enumerate(examples, 1):
        row, column = divmod(k, COLUMNS)
        _pair(grid[2 * row, column], grid[2 * row + 1, column], example)
    with atomic(path) as partial:
        figure.savefig(partial, format="png", dpi=DPI)


def _pair(above, below, example: Example) -> None:
    photo = decode_stimulus(example.image)
    _, density = ground_truth(example, "mit")
    extent = (-0.5, example.width - 0.5, example.height - 0.5, -0.5)
    above.imshow(photo, extent=extent)
    above.plot(*example.points.T, ".", color="#00e5ff", markersize=2, markeredgewidth=0)
    above.set_title(example.image_id[-24:], fontsize=7, pad=2)
    below.imshow(overlay(photo, resize_density(density, *photo.shape[:2])), extent=extent)


def _bias(above, below, source: Source) -> None:
    """All fixations as a density, and the same as a scatter."""
    examples = [_without_pixels(source[i]) for i in range(len(source))]
    fractions = _fractions(examples)
    above.set_title("center bias", fontsize=7, pad=2)
    above.plot(*fractions.T, ".", color="#0072b2", markersize=0.6, alpha=0.3)
    above.set(xlim=(0, 1), ylim=(1, 0), aspect=0.75)
    if len(fractions):
        below.imshow(resize_density(mean_density(examples), *BIAS), cmap="inferno")


def _fractions(examples: Sequence[Example]) -> np.ndarray:
    """All fixations [N, 2] in parts of their image's width and height."""
    parts = [(e.points + 0.5) / (e.width, e.height) for e in examples]
    return np.concatenate([np.zeros((0, 2)), *parts])


def _without_pixels(example: Example) -> Example:
    """The density's presence stays known; neither it nor the image is kept."""
    example.image, example.density = b"", example.density[:1]
    return example
