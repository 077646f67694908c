"""Rows are read back as they were written, whatever shard they lie in."""

import pickle

import numpy as np
import pytest

from samjax.data import stored_features
from samjax.data.stored_features import DTYPES, Layout, StoredFeatures
from samjax.data.window import Window
from samjax.training.feature_shards import find_shards, write_shard


def stored(folder, layout: Layout) -> tuple[StoredFeatures, np.ndarray]:
    """Features of random values in a folder, and the values by row."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(layout.rows, *layout.shape)).astype(DTYPES[layout.dtype])
    for number in range(layout.shards):
        rows = np.empty(len(layout.rows_of(number)), layout.row_type)
        for k, row in enumerate(layout.rows_of(number)):
            window = (row, -0.25, 1.5, 1 / 3, row % 2, 7.5, 4 / 3)
            rows[k] = window, values[row].view(f"u{values.itemsize}")
        write_shard(folder, number, rows)
    whole = find_shards(folder).whole
    return StoredFeatures(layout, [whole[k] for k in range(layout.shards)]), values


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_row_is_read_back_from_its_shard(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(stored_features, "SHARD_BYTES", 1000)
    layout = Layout(images=5, views=3, shape=(4, 5, 6), dtype=dtype)
    assert layout.shards > 3
    features, values = stored(tmp_path, layout)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) >= layout.bytes
    for image in range(5):
        for view in range(3):
            row = 3 * image + view
            window, found = features.read(image, view)
            assert window == Window(row, -0.25, 1.5, 1 / 3, bool(row % 2), 7.5, 4 / 3)
            assert found.dtype == DTYPES[dtype]
            np.testing.assert_array_equal(found, values[row])


def test_another_process_gets_no_mapped_files(tmp_path):
    features, values = stored(tmp_path, Layout(2, 2, (32, 32, 32), "float32"))
    features.read(0, 0)
    pickled = pickle.dumps(features)
    assert len(pickled) < 2000
    np.testing.assert_array_equal(pickle.loads(pickled).read(1, 1).features, values[3])


def test_a_row_larger_than_a_shard_has_one_of_its_own(monkeypatch):
    monkeypatch.setattr(stored_features, "SHARD_BYTES", 10)
    assert Layout(3, 2, (4, 5, 6), "float16").shards == 6
