"""Buckets of sizes, and maps in their batches."""

import numpy as np

from samjax.evaluation import buckets


def test_buckets_are_few_and_tight():
    sizes = {buckets.bucket_size(pixels) for pixels in range(1, 2**16)}
    assert len(sizes) <= 10
    for pixels in range(4096, 2**16):
        assert pixels <= buckets.bucket_size(pixels) <= 1.5 * pixels
    assert all(size % buckets.ROW == 0 for size in sizes)


def test_batches_of_large_images_have_fewer_of_them():
    assert buckets.batch_size(2**12) == buckets.MAX_BATCH
    assert buckets.batch_size(2**19) == 4
    assert buckets.batch_size(2**30) == 1


def test_pixels_stand_at_the_start_of_the_rows(rng):
    maps = [rng.random((20, 30), np.float32), rng.random((1, 1), np.float32)]
    batch = buckets.stack(maps, 2**12)
    assert batch.shape == (buckets.MAX_BATCH, 16, buckets.ROW)
    for row, image in zip(batch.reshape(buckets.MAX_BATCH, -1), maps, strict=False):
        np.testing.assert_array_equal(row[: image.size], image.ravel())
        assert not row[image.size :].any()
    assert not batch[2:].any()
