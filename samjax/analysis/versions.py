"""Versions of pictures: which belong together, which areas they have, and how they differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.comparison import Comparison, compare_densities
from samjax.analysis.matching import areas_of
from samjax.analysis.variants import Variant
from samjax.errors import UserError
from samjax.prediction.photo_search import Photo, find_photos
from samjax.prediction.saliency import Saliency


class Versions(NamedTuple):
    """The files of the two versions of one picture."""

    before: Photo
    after: Photo


class VersionAreas(NamedTuple):
    """The areas that both versions have, in the same order.

    Attributes:
        before: On the first version.
        after: On the second.
        notes: Sentences about areas that only one of them has.
    """

    before: list[Area]
    after: list[Area]
    notes: list[str]


class Pairing(NamedTuple):
    """The pairs of two pictures or two folders.

    Attributes:
        pairs: In the order of their names.
        failed: What is a picture, or may be, and cannot be read; and why.
        notes: Sentences about what is left out.
    """

    pairs: list[Versions]
    failed: list[tuple[Path, str]]
    notes: list[str]


def pair_versions(before: Path, after: Path, output: Path) -> Pairing:
    """Return the pairs of two pictures, or of two folders by name.

    In folders, pictures belong together that have the same name in the same sub-folder, or, where
    no such picture is left, the same name but for the ending.

    Args:
        before: A picture, or a folder.
        after: Likewise.
        output: Where pictures are written, which is not searched.

    Raises:
        UserError: One is a folder and the other is not, or no pictures belong together.
    """
    for path in (before, after):
        if not path.exists():
            raise UserError(f"{path} does not exist; give two pictures or two folders")
    if before.is_dir() != after.is_dir():
        folder, file = (before, after) if before.is_dir() else (after, before)
        raise UserError(f"{folder} is a folder and {file} is not; give two pictures or two folders")
    searches = find_photos([before], output), find_photos([after], output)
    failed = [failure for search in searches for failure in search.failed]
    notes = [note for search in searches for note in search.notes]
    old, new = (list(search.photos) for search in searches)
    if not before.is_dir() and old and new:
        return Pairing([Versions(old[0], new[0])], failed, notes)
    pairs = []
    for key in (lambda p: p.folder / p.path.name, lambda p: p.folder / p.path.stem):
        left = {key(photo): photo for photo in new}
        for photo in list(old):
            other = left.pop(key(photo), None)
            if other is not None:
                pairs.append(Versions(photo, other))
                old.remove(photo)
                new.remove(other)
    notes += [f"{p.path}: {after} has no picture of that name; it is left out" for p in old]
    notes += [f"{p.path}: {before} has no picture of that name; it is left out" for p in new]
    if not pairs:
        why = "".join(f"; {path}: {reason}" for path, reason in failed[:1])
        raise UserError(f"no picture in {before} has the name of one in {after}{why}")
    return Pairing(sorted(pairs, key=lambda pair: str(pair.before.path)), failed, notes)


def areas_of_versions(
    areas: Sequence[Area], versions: Versions, size: tuple[int, int]
) -> VersionAreas:
    """Return the areas of both versions of a picture.

    An area that the file gives for one version may lie elsewhere on the other, under the same
    name. One that belongs to both alike was drawn on the first version, and is scaled to the
    second, and so are all of them where the file has none for the second.

    Args:
        areas: Of the file.
        versions: The pictures.
        size: (height, width) of the first version.
    """
    on_before = {area.name: area for area in areas_of(areas, versions.before.path)}
    on_after = {area.name: area for area in areas_of(areas, versions.after.path)}
    notes = []
    if on_before and not on_after:
        paths = versions.before.path, versions.after.path
        notes.append("{1} has no area of its own; those of {0} are scaled to it".format(*paths))
        on_after = dict(on_before)
    shared = [name for name in on_before if name in on_after]
    notes += [
        f"area '{name}' is only on {path}; it is left out"
        for names, path in (
            (on_before, versions.before.path),
            (on_after, versions.after.path),
        )
        for name in names
        if name not in shared
    ]
    moved = []
    for name in shared:
        area = on_after[name]
        if area.shape is on_before[name].shape and area.frame is None:
            area = replace(area, frame=size)
        moved.append(area)
    return VersionAreas([on_before[name] for name in shared], moved, notes)


def compare_pictures(
    models: Sequence[Callable[[np.ndarray], Saliency]],
    before: np.ndarray,
    after: np.ndarray,
    areas: VersionAreas,
    variants: Sequence[Variant],
) -> Comparison:
    """Compare two versions of a picture, by every model over every variant.

    Args:
        models: Each a `Predictor`, or what calls one.
        before: uint8 [H, W, 3] RGB.
        after: uint8 [h, w, 3] RGB.
        areas: On both.
        variants: The ways in which both are shown.
    """

    def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for model in models:
            for variant in variants:
                first, second = (
                    variant.take_back(model(variant.show(image)).density)
                    for image in (before, after)
                )
                yield first, second

    return compare_densities(pairs(), areas.before, areas.after)
