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
    said = [_said(folder) for folder in folders]
    known = [i for i, (its, _) in enumerate(said) if its]
    if not known:
        return None
    innermost = said[known[-1]][0]
    split = next((its for _, its in (*said[known[-1] :], *said[: known[-1]]) if its), "")
    # An archive images.zip with images/ in it gives two folders of one name.
    above = [f for f, its in zip(folders[: known[-1]], said, strict=False) if its[0] != innermost]
    below = folders[known[-1] + 1 :]
    return Place(
        name,
        innermost,
        split,
        "/".join(_without_split(above, split)),
        "/".join([*_without_split(below, split), file.rsplit(".", 1)[0]]),
    )


def role(folder: str) -> str:
    """Return the role of a folder by its name, "" if it has none."""
    return _said(folder)[0]


def _said(folder: str) -> tuple[str, str]:
    """Return the role and the split that the name of a folder says, such as "train_images"."""
    words = re.split(r"[\s_-]+", folder.lower())
    splits = [SPLITS[word] for word in words if word in SPLITS]
    rest = "_".join(word for word in words if word not in SPLITS)
    # "fixation_maps" are maps, though its beginning is a word of another role.
    its = next((its for its, pattern in ROLES.items() if pattern.fullmatch(rest)), "")
    return its, splits[0] if splits and (its or not rest) else ""


def _without_split(folders: Sequence[str], split: str) -> list[str]:
    return [f for f in folders if not split or _said(f) != ("", split)]


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
