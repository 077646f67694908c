"""Items are cut into shards in order."""

from samjax.data.prepare.shard_writer import plan_shards
from samjax.data.raw.dataset_spec import Item


def sized(*sizes: int) -> list[Item]:
    return [Item(str(i), None, size) for i, size in enumerate(sizes)]


def test_shards_are_full_and_no_larger_than_allowed():
    items = {"train": sized(3, 4, 5, 20, 1, 1), "test": [], "validation": sized(1)}
    assert plan_shards(items, 8) == [
        ("train", 0, 0, 2),
        ("train", 1, 2, 3),
        ("train", 2, 3, 4),
        ("train", 3, 4, 6),
        ("validation", 0, 0, 1),
    ]


def test_files_of_unknown_size_make_one_shard():
    assert plan_shards({"train": sized(0, 0, 0)}, 8) == [("train", 0, 0, 3)]
