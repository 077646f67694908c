"""MIT300: the 300 images of the MIT saliency benchmark, 39 subjects, 3 s; fixations are withheld.

Published layout:

    BenchmarkIMAGES/i1.jpg .. i297.jpg, i298Waldo.jpg, i299Waldo.jpg, i300Waldo.jpg

Citation: Judd, Durand and Torralba, A Benchmark of Computational Models of Saliency to Predict
Human Fixations, MIT technical report, 2012.
"""

import re
from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.points import make_example, no_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images in the order of their numbers."""
    images = files_by_key(tree, r"BenchmarkIMAGES/(i\d+\w*)\.jpg", warnings)
    items = []
    for stem in sorted(images, key=_number):
        load = partial(_load, tree, stem, images[stem])
        items.append(Item(stem, load, tree.size(images[stem])))
    return {"test": items}


def _number(stem: str) -> int:
    """Return 298 for 'i298Waldo'."""
    return int(re.sub(r"i(\d+).*", r"\1", stem))


def _load(tree: Tree, stem: str, image: str) -> LoadedItem:
    return LoadedItem(make_example(stem, tree.read(image), no_points()))


PUBLISHED = (
    DatasetSpec(
        name="mit300",
        facts=Facts(
            sigma=Sigma(pixels=24.0),
            pixels_per_degree=35.0,
            edition="BenchmarkIMAGES.zip, images only",
            split_recipe="all images are test; the fixations of its 39 subjects are withheld",
            description="MIT300: the images of the MIT/Tuebingen saliency benchmark, 3 s",
            citation=(
                "Tilke Judd, Fredo Durand, Antonio Torralba. A Benchmark of Computational Models "
                "of Saliency to Predict Human Fixations. MIT technical report, 2012."
            ),
            licence="not stated",
        ),
        find_items=find_items,
        counts={"test": Count(300, 0)},
        downloads=(
            Download(
                "BenchmarkIMAGES.zip",
                "http://saliency.mit.edu/BenchmarkIMAGES.zip",
                "03ed32bdf5e4289950cd28df89451260",
            ),
        ),
    ),
)
