"""The step number alone is the position in the data, whatever reads it."""

from itertools import islice

import numpy as np
import pytest
from example_factory import flat_examples, make_example

from samjax.data.canvas import Canvas, nearest
from samjax.data.example import Example
from samjax.data.pipeline import eval_batches, train_batches
from samjax.data.transforms import Augment
from samjax.errors import UserError

AUGMENT = Augment(flip=True, zoom=(0.7, 1.5), brightness=0.2, contrast=0.2, grey=0.2)
ONE_CANVAS = [Canvas((6, 8), (3, 4))]
SQUARE = Canvas((7, 7), (7, 7))
CANVASES = [Canvas((6, 8), (3, 4)), Canvas((8, 6), (4, 3)), SQUARE]
SIZES = [(15, 20), (20, 15), (15, 15), (15, 40), (16, 20), (22, 15), (15, 21)] * 8
IMAGES = 40  # of a source; grain shuffles sources of a few images slowly


@pytest.fixture(scope="module")
def sources() -> list[list[Example]]:
    """Two datasets of equal length."""
    return [flat_examples([(12, 16)] * IMAGES) for _ in range(2)]


@pytest.fixture(scope="module")
def validation() -> list[Example]:
    return flat_examples([(12, 16)] * 7)


@pytest.fixture(scope="module")
def mixed() -> list[Example]:
    """Images of several aspects."""
    return flat_examples(SIZES)


def train(sources, number: int, weights=None, batch_size: int = 4, **options) -> list[dict]:
    options = {"canvases": ONE_CANVAS, "augment": AUGMENT, "seed": 5, **options}
    return list(islice(train_batches(sources, weights, batch_size=batch_size, **options), number))


def evaluate(source, batch_size: int, canvases=ONE_CANVAS, **options) -> list[dict]:
    return list(eval_batches(source, batch_size=batch_size, canvases=canvases, **options))


def indices(batches: list[dict]) -> np.ndarray:
    return np.concatenate([batch["index"] for batch in batches])


def assert_equal(left: list[dict], right: list[dict]):
    assert len(left) == len(right)
    for batch, other in zip(left, right, strict=True):
        assert batch.keys() == other.keys()
        for name in batch:
            np.testing.assert_array_equal(batch[name], other[name], err_msg=name)


def in_turn(parts: list[list[dict]]) -> list[dict]:
    """The batches of several processes, which take turns at the examples, as one process's."""
    merged = []
    for batches in zip(*parts, strict=True):
        rows = {name: np.stack([batch[name] for batch in batches], axis=1) for name in batches[0]}
        merged.append({name: value.reshape(-1, *value.shape[2:]) for name, value in rows.items()})
    return merged


def test_a_batch_is_as_the_contract_says(sources):
    (batch,) = train(sources, 1)
    kinds = {name: (value.dtype, value.shape) for name, value in batch.items()}
    assert kinds == {
        "image": (np.uint8, (4, 6, 8, 3)),
        "density": (np.float32, (4, 3, 4)),
        "counts": (np.float32, (4, 3, 4)),
        "mask": (bool, (4, 3, 4)),
        "index": (np.int32, (4,)),
    }


@pytest.mark.parametrize("num_threads", [0, 5])
def test_the_number_of_threads_does_not_change_the_data(sources, num_threads):
    assert_equal(train(sources, 8, num_threads=num_threads), train(sources, 8))


def test_the_number_of_workers_does_not_change_the_data(sources):
    batches = train(sources, 7, num_workers=2, start_step=3)
    assert_equal(batches, train(sources, 10)[3:])


@pytest.mark.parametrize("count", [2, 3])
def test_processes_together_see_what_one_sees(sources, count):
    options = {"batch_size": 6 // count, "process_count": count}
    parts = [train(sources, 6, process_index=i, **options) for i in range(count)]
    assert_equal(in_turn(parts), train(sources, 6, batch_size=6))


@pytest.mark.parametrize("start", [1, 9])
def test_starting_at_a_step_equals_skipping_to_it(sources, start):
    assert_equal(train(sources, 3, start_step=start), train(sources, start + 3)[start:])


def test_another_seed_gives_other_data(sources):
    batches, others = train(sources, 2), train(sources, 2, seed=6)
    assert (indices(batches) != indices(others)).any()


def test_an_epoch_covers_each_example_once_in_a_new_order(sources):
    index = indices(train(sources[:1], 2 * IMAGES, batch_size=1))
    epochs = index[:IMAGES].tolist(), index[IMAGES:].tolist()
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(IMAGES))
    assert epochs[0] != epochs[1]


def test_augmentation_differs_between_epochs(rng):
    source = [make_example(rng.integers(0, 255, (12, 16, 3), np.uint8))]
    images = np.concatenate([batch["image"] for batch in train([source], 3)])
    assert len({image.tobytes() for image in images}) == 12


def test_sources_are_mixed_by_their_weights(sources):
    index = indices(train(sources, IMAGES, weights=[3, 1]))
    assert np.mean(index < IMAGES) == pytest.approx(0.75, abs=0.02)
    assert set(index) == set(range(2 * IMAGES))


def test_sources_of_one_length_are_shuffled_differently(sources):
    index = indices(train(sources, 6))
    first, second = index[index < IMAGES], index[index >= IMAGES] - IMAGES
    assert first[:10].tolist() != second[:10].tolist()


@pytest.mark.parametrize("weights", [[1], [1, 0], [1, -1], [1, 2, 3]])
def test_weights_that_do_not_fit_are_refused(sources, weights):
    with pytest.raises(UserError, match="weights"):
        train(sources, 1, weights=weights)


def test_an_empty_source_is_refused():
    with pytest.raises(UserError, match="empty"):
        train([[]], 1)


def test_training_batches_have_one_canvas_each_in_proportion_to_its_images(mixed):
    batches = train([mixed], 28, batch_size=2, canvases=CANVASES, augment=Augment())
    for batch in batches:
        size = batch["image"].shape[1:3]
        for index, image in zip(batch["index"], batch["image"], strict=True):
            assert CANVASES[nearest(CANVASES, *SIZES[index])] == (size, batch["density"].shape[1:])
            assert image.max() == pytest.approx(40 + index, abs=2)  # the image itself
    fractions = [sum(b["image"].shape[1:3] == c.input for b in batches) / 28 for c in CANVASES]
    np.testing.assert_allclose(fractions, [4 / 7, 2 / 7, 1 / 7], atol=0.04)


@pytest.mark.parametrize("options", [{"num_threads": 0}, {"num_threads": 5}])
def test_the_step_is_the_position_with_several_canvases_too(mixed, options):
    whole = train([mixed], 12, canvases=CANVASES)
    assert_equal(train([mixed], 5, canvases=CANVASES, start_step=7, **options), whole[7:])


def test_processes_together_see_what_one_sees_on_several_canvases_too(mixed):
    options = {"canvases": CANVASES, "process_count": 2, "batch_size": 2}
    parts = [train([mixed], 8, process_index=k, **options) for k in range(2)]
    assert_equal(in_turn(parts), train([mixed], 8, canvases=CANVASES))


@pytest.mark.parametrize("batch_size", [1, 4, 7, 16])
def test_evaluation_covers_each_example_once_in_order(validation, batch_size):
    index = indices(evaluate(validation, batch_size))
    assert index[:7].tolist() == list(range(7))
    assert (index[7:] == -1).all()
    assert len(index) % batch_size == 0


def test_the_padding_of_evaluation_is_blank(validation):
    batch = evaluate(validation, 4)[-1]
    padding = batch["index"] == -1
    assert padding.sum() == 1
    for name in ("image", "density", "counts", "mask"):
        assert not batch[name][padding].any()
        assert batch[name][~padding].any()


def test_evaluation_on_processes_has_equal_numbers_of_batches(validation):
    parts = [evaluate(validation, 2, process_index=i, process_count=2) for i in range(2)]
    assert_equal(in_turn(parts), evaluate(validation, 4))


def test_evaluation_does_not_depend_on_threads(validation):
    expected = evaluate(validation, 3, num_threads=0)
    assert_equal(evaluate(validation, 3, num_threads=3), expected)


def test_evaluation_shows_every_image_once_on_its_canvas(mixed):
    batches = evaluate(mixed, 3, canvases=CANVASES)
    index = indices(batches)
    assert sorted(index[index >= 0]) == list(range(len(SIZES)))
    square = batches[-1]
    assert square["image"].shape[1:3] == SQUARE.input
    assert square["mask"][:2].all()
    assert not square["mask"][2:].any()  # fills the batch


def test_an_empty_split_has_no_batches():
    assert evaluate([], 3) == []
