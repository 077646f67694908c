"""Which map and which file of fixations belong to which image, in people's own folders.

A folder is known by what it is called, in any capitals: ROLES. Splits are folders above or below
it: SPLITS. What remains of a path is compared, strictly first, then without folders, split,
capitals and usual endings of stems such as _fixMap. A match counts only where one file fits one
image.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from samjax.data.raw.names import plain_name

IMAGES, MAPS, FIXATIONS = "image", "map", "fixations"
_WORDS = {
    IMAGES: r"im(a)?ge?s?|stimul(i|us)|pictures?|photos?|photographs?|all_?stimuli",
    MAPS: (
        r"(saliency|sal|density|heat|attention|smooth(ed)?|blurred|fixation|fix|all_?fixation|gt)?"
        r"_?maps?|densit(y|ies)|salienc(y|ies)|heatmaps?|continuous"
    ),
    FIXATIONS: (
        r"(fixations?|fix|gaze|eye_?fixations?)(_?(loc|location|point|pt|data|file|coordinate)s?)?"
        r"|binary|points|discrete"
    ),
}
ROLES = {role: re.compile(words, re.IGNORECASE) for role, words in _WORDS.items()}
SPLITS = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
    "testset": "test",
}
STEM_ENDING = re.compile(
    r"[_-]?(fix(ation)?s?(map|pts|points|locs?)?|sal(iency)?(map)?|density|heatmap|s?map|gt)$"
)


class Place(NamedTuple):
    """Where a file is, and what that says of it.

    Attributes:
        name: Its name in the tree.
        role: IMAGES, MAPS or FIXATIONS, by the innermost folder that has such a name.
        split: One of the values of SPLITS, "" if no folder is called for one.
        above: Folders above that of the role, without those of splits.
        path: Folders below it and the stem, joined by "/".
    """

    name: str
    role: str
    split: str
    above: str
    path: str


def place(name: str) -> Place | None:
    """Return what the folders of a file say; None if none of them has the name of a role."""
    *folders, file = plain_name(name).split("/")
    roles = [role(folder) for folder in folders]
    known = [i for i, its in enumerate(roles) if its]
    if not known:
        return None
    innermost = roles[known[-1]]
    # An archive images.zip with images/ in it gives two folders of one name.
    above = [f for f, its in zip(folders[: known[-1]], roles, strict=False) if its != innermost]
    below = folders[known[-1] + 1 :]
    split = next((SPLITS[f.lower()] for f in (*below, *above) if f.lower() in SPLITS), "")
    stem = file.rsplit(".", 1)[0]
    return Place(
        name,
        innermost,
        split,
        "/".join(_without_split(above, split)),
        "/".join([*_without_split(below, split), stem]),
    )


def _without_split(folders: Sequence[str], split: str) -> list[str]:
    return [f for f in folders if not split or SPLITS.get(f.lower()) != split]


def role(folder: str) -> str:
    """Return the role of a folder by its name, "" if it has none."""
    name = re.sub(r"[\s-]+", "_", folder)
    # "fixation_maps" are maps, though its beginning is a word of another role.
    return next((its for its, words in ROLES.items() if words.fullmatch(name)), "")


Key = Callable[[Place], tuple[str, ...]]
KEYS: tuple[Key, ...] = (
    lambda p: (p.split, p.above, p.path),
    lambda p: (p.split, p.path),
    lambda p: (p.split, p.path.rsplit("/", 1)[-1]),
    lambda p: (p.path.rsplit("/", 1)[-1],),
    lambda p: (p.path.rsplit("/", 1)[-1].casefold(),),
    lambda p: (_bare_stem(p),),
)


def _bare_stem(file: Place) -> str:
    stem = file.path.rsplit("/", 1)[-1].casefold()
    return STEM_ENDING.sub("", stem) or stem


class Pairs(NamedTuple):
    """What belongs together.

    Attributes:
        of_image: {name of an image: the files that belong to it}; several are for someone to
            decide.
        without_image: Files that fit no image.
        ambiguous: Files that fit several images.
    """

    of_image: dict[str, list[str]]
    without_image: list[str]
    ambiguous: list[str]


def pair(images: Iterable[Place], files: Iterable[Place]) -> Pairs:
    """Return which files belong to which images."""
    images, left = list(images), list(files)
    of_image: dict[str, list[str]] = {}
    ambiguous: dict[str, None] = {}
    for strict, key in enumerate(KEYS):
        open_images: dict[tuple, list[Place]] = {}
        for image in images:
            # Who has found a file is not asked again, except for a second one as near.
            if image.name not in of_image:
                open_images.setdefault(key(image), []).append(image)
        groups: dict[tuple, list[Place]] = {}
        for file in left:
            groups.setdefault(key(file), []).append(file)
        left = []
        for group_key, members in groups.items():
            fitting = open_images.get(group_key, [])
            if len(fitting) == 1:
                of_image[fitting[0].name] = [member.name for member in members]
                continue
            if fitting and strict:
                ambiguous |= dict.fromkeys(member.name for member in members)
            left += members
    unmatched = [file.name for file in left]
    return Pairs(
        of_image,
        [name for name in unmatched if name not in ambiguous],
        [name for name in unmatched if name in ambiguous],
    )
