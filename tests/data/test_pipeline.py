"""The step number alone is the data position, whatever reads the data."""

from itertools import islice

import numpy as np
import pytest

from samjax.data.canvas import Canvas
from samjax.data.pipeline import eval_batches, train_batches
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source
from samjax.data.synthetic.scenes import SceneSpec
from samjax.data.transforms import Augment
from samjax.errors import UserError

AUGMENT = Augment(flip=True, zoom=(0.7, 1.5), brightness=0.2, contrast=0.2, grey=0.2)
SIZES = {"canvases": [Canvas((24, 32), (12, 16))]}


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> list[Source]:
    folder, spec = tmp_path_factory.mktemp("data"), SceneSpec(48, 64, subjects=2)
    counts = {"train": 13, "validation": 7}
    datasets = [
        prepare_synthetic(name, data_dir=folder, spec=spec, counts=counts, seed=seed)
        for seed, name in enumerate(["first", "second"])
    ]
    return [Source(dataset, "train") for dataset in datasets]


def train(sources, number: int, weights=None, batch_size: int = 4, **options) -> list[dict]:
    options = {**SIZES, "augment": AUGMENT, "seed": 5, **options}
    return list(islice(train_batches(sources, weights, batch_size=batch_size, **options), number))


def evaluate(source, batch_size: int, **options) -> list[dict]:
    return list(eval_batches(source, batch_size=batch_size, **SIZES, **options))


def assert_equal(left: list[dict], right: list[dict]):
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_a_batch_is_as_the_contract_says(sources):
    (batch,) = train(sources, 1)
    kinds = {name: (value.dtype, value.shape) for name, value in batch.items()}
    assert kinds == {
        "image": (np.uint8, (4, 24, 32, 3)),
        "density": (np.float32, (4, 12, 16)),
        "counts": (np.float32, (4, 12, 16)),
        "mask": (bool, (4, 12, 16)),
        "index": (np.int32, (4,)),
    }


@pytest.mark.parametrize("num_threads", [0, 1, 5])
def test_the_number_of_threads_does_not_change_the_data(sources, num_threads):
    assert_equal(train(sources, 8, num_threads=num_threads), train(sources, 8))


def test_the_number_of_workers_does_not_change_the_data(sources):
    batches = train(sources, 7, num_workers=2, start_step=3)
    assert_equal(batches, train(sources, 10)[3:])


def test_processes_together_see_what_one_sees(sources):
    together = train(sources, 6, batch_size=6)
    for count in (2, 3):
        shares = [
            train(sources, 6, batch_size=6 // count, process_index=i, process_count=count)
            for i in range(count)
        ]
        for step, batch in enumerate(together):
            for name, values in batch.items():
                concatenate = np.stack([share[step][name] for share in shares], axis=1)
                np.testing.assert_array_equal(concatenate.reshape(values.shape), values)


@pytest.mark.parametrize("start", [1, 4, 9])
def test_starting_at_a_step_equals_skipping_to_it(sources, start):
    assert_equal(train(sources, 3, start_step=start), train(sources, start + 3)[start:])


def test_another_seed_gives_other_data(sources):
    one, other = train(sources, 2), train(sources, 2, seed=6)
    assert any((a["index"] != b["index"]).any() for a, b in zip(one, other, strict=True))


def test_an_epoch_covers_each_example_once_in_a_new_order(sources):
    index = np.concatenate([b["index"] for b in train(sources[:1], 26, batch_size=1)])
    assert sorted(index[:13]) == sorted(index[13:]) == list(range(13))
    assert index[:13].tolist() != index[13:].tolist()


def test_augmentation_differs_between_epochs(sources):
    one = Source(sources[0].dataset, "train[:1]")
    images = np.concatenate([b["image"] for b in train([one], 3)])
    assert len({image.tobytes() for image in images}) == 12


def test_sources_are_mixed_by_their_weights(sources):
    index = np.concatenate([batch["index"] for batch in train(sources, 100, weights=[3, 1])])
    assert np.mean(index < 13) == pytest.approx(0.75, abs=0.02)
    assert set(index) == set(range(26))


def test_sources_of_one_length_are_shuffled_differently(sources):
    index = np.concatenate([batch["index"] for batch in train(sources, 6)])
    first, second = index[index < 13], index[index >= 13] - 13
    assert first[:10].tolist() != second[:10].tolist()


@pytest.mark.parametrize("weights", [[1], [1, 0], [1, -1], [1, 2, 3]])
def test_weights_that_do_not_fit_are_refused(sources, weights):
    with pytest.raises(UserError, match="weights"):
        train(sources, 1, weights=weights)


def test_an_empty_source_is_refused(sources):
    with pytest.raises(UserError, match="empty"):
        train([Source(sources[0].dataset, "train[:0]")], 1)


@pytest.mark.parametrize("batch_size", [1, 4, 7, 16])
def test_evaluation_covers_each_example_once_in_order(sources, batch_size):
    source = Source(sources[0].dataset, "validation")
    index = np.concatenate([batch["index"] for batch in evaluate(source, batch_size)])
    assert index[:7].tolist() == list(range(7))
    assert (index[7:] == -1).all()
    assert len(index) % batch_size == 0


def test_the_padding_of_evaluation_is_blank(sources):
    batch = evaluate(Source(sources[0].dataset, "validation"), 4)[-1]
    padding = batch["index"] == -1
    assert padding.sum() == 1
    for name in ("image", "density", "counts", "mask"):
        assert not batch[name][padding].any()
        assert batch[name][~padding].any()


def test_evaluation_on_processes_has_equal_numbers_of_batches(sources):
    source = Source(sources[0].dataset, "validation")
    whole = evaluate(source, 4)
    shares = [evaluate(source, 2, process_index=i, process_count=2) for i in range(2)]
    assert len(shares[0]) == len(shares[1]) == len(whole)
    for batch, *parts in zip(whole, *shares, strict=True):
        for name, values in batch.items():
            concatenate = np.stack([part[name] for part in parts], axis=1).reshape(values.shape)
            np.testing.assert_array_equal(concatenate, values)


def test_evaluation_does_not_depend_on_threads_or_workers(sources):
    source = Source(sources[0].dataset, "validation")
    expected = evaluate(source, 3, num_threads=0)
    assert_equal(evaluate(source, 3, num_threads=3), expected)
    assert_equal(evaluate(source, 3, num_workers=1), expected)


def test_an_empty_split_has_no_batches(sources):
    assert evaluate(Source(sources[0].dataset, "train[:0]"), 3) == []
