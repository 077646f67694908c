"""Items are cut into shards in order, and only what they promise is written."""

import pytest
from published_files import load_one, write_files

from samjax.data.raw.dataset_spec import Item
from samjax.data.prepare.write_items import load, plan
from samjax.data.raw.tree import Tree


def sized(*sizes: int) -> list[Item]:
    return [Item(str(i), None, size) for i, size in enumerate(sizes)]


def test_shards_are_full_and_no_larger_than_allowed():
    spans = plan({"train": sized(3, 4, 5, 20, 1, 1), "test": [], "validation": sized(1)}, 8)
    assert spans == [
        ("train", 0, 0, 2),
        ("train", 1, 2, 3),
        ("train", 2, 3, 4),
        ("train", 3, 4, 6),
        ("validation", 0, 0, 1),
    ]


def test_files_of_unknown_size_make_one_shard():
    assert plan({"train": sized(0, 0, 0)}, 8) == [("train", 0, 0, 3)]


def test_an_item_that_loads_another_image_is_a_mistake_of_its_builder(tmp_path):
    tree = Tree(write_files(tmp_path / "raw"))
    item = Item("other", lambda: load_one(tree, "train/t000.jpg"), 1)
    with pytest.raises(ValueError, match="item other loads an example named t000"):
        load({"train": [item]}, ("train", 0))
