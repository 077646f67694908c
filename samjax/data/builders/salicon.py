"""SALICON: 20,000 images of COCO, 640 x 480, looked at with a mouse for 5 s by some 60 workers.

Published layout:

    images.zip       images/{train,val,test}/COCO_train2014_000000000009.jpg
    fixations.zip    {train,val}/COCO_....mat   `gaze`, a struct per worker {location, timestamp,
                                                fixations}; `resolution` [height, width]
    maps.zip         {train,val}/COCO_....png   density maps

The editions of 2015 and 2017 have the same file names and other fixations: those of 2017 were
derived anew from the mouse paths. Nothing in the files tells the editions apart, so the user names
the edition, and the number of fixations shows whether it is that one. Only `fixations` (x, y from
1) are taken, never `location`, which holds the samples of the mouse.

Citation: Jiang et al., SALICON: Saliency in Context, CVPR 2015.
"""

from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_annotated_size, check_trials
from samjax.data.raw.lookup import Files, files_by_key
from samjax.data.raw.mat_file import variables
from samjax.data.raw.points import Points, concatenate, make_example, no_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.salicon_gaze import read_gaze
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SPLITS = {"train": "train", "val": "validation", "test": "test"}
STEM = r"(COCO_(?:train|val|test)2014_\d{12})"
WITHHELD = "test"


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images of each split; those of test have no fixations."""
    images = files_by_key(tree, rf"{STEM}\.jpg", warnings)
    fixations = _fixations_of_one_edition(tree)
    maps = files_by_key(tree, rf"{STEM}\.png", warnings)
    splits: dict[str, list[Item]] = {}
    for stem, name in sorted(images.items()):
        part = stem.split("_")[1].removesuffix("2014")
        if part != WITHHELD and stem not in fixations:
            warnings.add("image without fixations", name, f"there is no {stem}.mat")
            continue
        load = partial(_load, tree, stem, name, fixations.get(stem), maps.get(stem))
        splits.setdefault(SPLITS[part], []).append(Item(stem, load, tree.size(name)))
    return splits


def _fixations_of_one_edition(tree: Tree) -> Files:
    """Return the .mat files; UserError if two of a name differ, as those of two editions do."""
    differing = Problems()
    files = files_by_key(tree, rf"{STEM}\.mat", differing)
    if differing.counts:
        raise UserError(
            f"{differing.kept[0]}: the source holds both editions; give --source a folder with one"
        )
    return files


def _load(
    tree: Tree, stem: str, image: str, fixations: str | None, density: str | None
) -> LoadedItem:
    content = tree.read(density) if density else b""
    if fixations is None:
        return LoadedItem(make_example(stem, tree.read(image), no_points(), content))
    trials, (height, width) = _read_trials(tree, fixations)
    example = make_example(stem, tree.read(image), concatenate(trials), content)
    warnings = check_annotated_size(example, height, width) + check_trials(stem, trials)
    return LoadedItem(example, warnings)


def _read_trials(tree: Tree, name: str) -> tuple[list[Points], tuple[int, int]]:
    """Return the fixations of each worker, and the (height, width) that they belong to."""
    return read_gaze(variables(tree, name), name)


def _drive(identity: str) -> str:
    return f"https://drive.google.com/uc?export=download&id={identity}"


IMAGES = Download(
    "salicon_images.zip",
    _drive("1g8j-hTT-51IG1UFwP0xTGhLdgIUCW5e5"),
    "eb2a1bb706633d1b31fc2e01422c5757",
)
MAPS = Download("salicon_2017_maps.zip", _drive("1PnO7szbdub1559LfjYHMy65EDC4VhJC8"))


def _edition(year: int, train: int, validation: int, *downloads: Download) -> DatasetSpec:
    return DatasetSpec(
        name=f"salicon_{year}",
        facts=Facts(
            # The blur of SALICON's own tools; that of its published maps is not established.
            sigma=Sigma(pixels=19.0),
            edition=f"release of {year}, .mat files",
            split_recipe="as published; the fixations of test are withheld",
            description=(
                "SALICON: photographs of COCO 2014, 640 x 480, mouse-contingent viewing for 5 s by "
                "workers of Amazon Mechanical Turk. A subject's number counts the workers of one "
                "image: they cannot be linked across images. No fixation durations."
            ),
            citation=(
                "Ming Jiang, Shengsheng Huang, Juanyong Duan, Qi Zhao. SALICON: Saliency in "
                "Context. IEEE Conference on Computer Vision and Pattern Recognition (CVPR), 2015."
            ),
            licence="not stated; images under the terms of COCO (Flickr)",
        ),
        find_items=find_items,
        counts={
            "train": Count(10_000, train),
            "validation": Count(5_000, validation),
            "test": Count(5_000),
        },
        downloads=(IMAGES, *downloads),
    )


PUBLISHED = (
    _edition(
        2015,
        3_171_533,
        1_662_655,
        Download(
            "salicon_2015_fixations.zip",
            _drive("1WVEiXba-I4GN33f0uUl4KhaN1rK7qzs6"),
            "9a22db9d718200fb90252e5010c004c4",
        ),
    ),
    _edition(
        2017,
        4_598_112,
        2_576_914,
        Download(
            "salicon_2017_fixations.zip",
            _drive("1P-jeZXCsjoKO79OhFUgnj6FGcyvmLDPj"),
            "462b70f4f9e8ea446ac628e46cea8d3d",
        ),
        MAPS,
    ),
)
