"""MIT300: the 300 images of MIT's benchmark; its fixations are withheld.

BenchmarkIMAGES/i1.jpg .. i297.jpg, i298Waldo.jpg, i299Waldo.jpg, i300Waldo.jpg
"""

import re
from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key
from samjax.data.raw.points import concatenate, example
from samjax.data.raw.problems import Faults
from samjax.data.raw.tree import Tree


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, r"BenchmarkIMAGES/(i\d+\w*)\.jpg", faults)
    names = sorted(images, key=lambda stem: int(re.search(r"\d+", stem).group()))
    return {
        "test": [
            Item(stem, partial(_load, tree, stem, images[stem]), tree.size(images[stem]))
            for stem in names
        ]
    }


def _load(tree: Tree, stem: str, name: str) -> LoadedItem:
    return LoadedItem(example(stem, tree.read(name), concatenate(())))


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
        items=items,
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
