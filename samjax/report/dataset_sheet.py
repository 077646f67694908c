"""A prepared dataset at a glance: numbers about a split, and a contact sheet of its images."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from samjax.data.coordinates import to_fractions
from samjax.data.example import Example, Examples
from samjax.data.images import decode_stimulus
from samjax.evaluation.baselines import mean_density, resize_density
from samjax.evaluation.scoreboard import ground_truth
from samjax.files.atomic import atomic
from samjax.pictures.heatmap import overlay
from samjax.report.gallery import spread_evenly

COLUMNS = 6  # pictures in a row
WIDTH = 12.0  # inches
DPI = 110
TITLE_HEIGHT = 0.25  # inches
CENTER_BIAS_SIZE = 90, 120  # height and width of its picture, pixels
CONVENTION = "mit"


def statistics(source: Examples) -> dict[str, str]:
    """Return what a split holds, as text by name."""
    examples = _without_images(source)
    num_fixations = np.array([len(example.points) for example in examples])
    subjects = {int(s) for example in examples for s in example.subject if s >= 0}
    rows = {
        "images": f"{len(examples):,}",
        "sizes": _describe_sizes(examples),
        "fixations": f"{num_fixations.sum():,}, {num_fixations.mean():.1f} per image "
        f"({num_fixations.min()} to {num_fixations.max()}), "
        f"{np.count_nonzero(num_fixations == 0)} images without",
        "subjects": f"{len(subjects)}" if subjects else "not named",
        "durations": _describe_durations(examples),
        "published maps": f"{sum(bool(example.density) for example in examples)}",
        "one degree": f"{np.mean([e.sigma_px for e in examples]):.1f} pixels on average",
    }
    fractions = _fixation_fractions(examples)
    if len(fractions):
        (x, y), (spread_x, spread_y) = fractions.mean(axis=0), fractions.std(axis=0)
        rows["center bias"] = (
            f"mean at {x:.3f}, {y:.3f} of width and height, spread {spread_x:.3f}, {spread_y:.3f}"
        )
    return rows


def _describe_sizes(examples: Sequence[Example]) -> str:
    """Return how many different sizes the stimuli have, and the three commonest."""
    sizes = Counter((example.width, example.height) for example in examples)
    common = ", ".join(f"{w} x {h} ({n})" for (w, h), n in sizes.most_common(3))
    return f"{len(sizes)} different, most of all {common}"


def _describe_durations(examples: Sequence[Example]) -> str:
    """Return the mean duration of the fixations for which it is known."""
    durations = np.concatenate([np.zeros(0), *(example.duration_ms for example in examples)])
    known = durations[~np.isnan(durations)]
    return f"{known.mean():.0f} ms on average" if known.size else "not known"


def contact_sheet(source: Examples, count: int, path: Path) -> None:
    """Write a PNG of `count` images that are spread over a split.

    Each photograph is shown with its fixations and, below it, with their density. The first pair
    of pictures is the center bias of the split.
    """
    examples = [source[i] for i in spread_evenly(len(source), count)]
    rows = math.ceil((len(examples) + 1) / COLUMNS)
    # Two pictures of about 4:3 below each other, each with room for a title.
    height = 2 * rows * (WIDTH / COLUMNS * 0.75 + TITLE_HEIGHT)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    grid = figure.subplots(2 * rows, COLUMNS, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    _draw_center_bias(grid[0, 0], grid[1, 0], source)
    for k, example in enumerate(examples, 1):
        row, column = divmod(k, COLUMNS)
        _draw_example(grid[2 * row, column], grid[2 * row + 1, column], example)
    with atomic(path) as partial:
        figure.savefig(partial, format="png", dpi=DPI)


def _draw_example(above: Axes, below: Axes, example: Example) -> None:
    """Draw a photograph with its fixations above, and with their density below."""
    photo = decode_stimulus(example.image)
    # The stored file may have another size than the stimulus, whose pixels fixations refer to.
    extent = (-0.5, example.width - 0.5, example.height - 0.5, -0.5)
    above.imshow(photo, extent=extent)
    above.plot(*example.points.T, ".", color="#00e5ff", markersize=2, markeredgewidth=0)
    above.set_title(example.image_id[-24:], fontsize=7, pad=2)
    # An image without fixations and map has no density, and is shown alone.
    if len(example.points) or example.density:
        _, density = ground_truth(example, CONVENTION)
        below.imshow(overlay(photo, resize_density(density, *photo.shape[:2])), extent=extent)


def _draw_center_bias(above: Axes, below: Axes, source: Examples) -> None:
    """Draw all fixations of a split as a scatter above, and as a density below."""
    examples = _without_images(source)
    fractions = _fixation_fractions(examples)
    above.set_title("center bias", fontsize=7, pad=2)
    above.plot(*fractions.T, ".", color="#0072b2", markersize=0.6, alpha=0.3)
    above.set(xlim=(0, 1), ylim=(1, 0), aspect=0.75)
    if len(fractions):
        density = resize_density(mean_density(examples), *CENTER_BIAS_SIZE)
        below.imshow(density, cmap="inferno")


def _fixation_fractions(examples: Sequence[Example]) -> np.ndarray:
    """Return all fixations [N, 2] as fractions of their image's width and height."""
    fractions = [to_fractions(e.points, (e.width, e.height)) for e in examples]
    return np.concatenate([np.zeros((0, 2)), *fractions])


def _without_images(source: Examples) -> list[Example]:
    """Return the examples of a split without encoded images, so that a whole split fits in memory.

    Of a published map one byte stays, which tells that there is one.
    """
    examples = []
    for i in range(len(source)):
        example = source[i]
        examples.append(replace(example, image=b"", density=example.density[:1]))
    return examples
