"""Exported images are the dataset's, under their ids."""

import numpy as np
from tiny_training import data_dir  # noqa: F401, a fixture

from samjax.data.images import decode_stimulus, read_photo
from samjax.data.prepare.export import export_images
from samjax.data.sources import Source, open_dataset


def test_exported_images_are_those_of_the_split(data_dir, tmp_path):  # noqa: F811
    source = Source(open_dataset("synthetic", data_dir), "validation")
    assert export_images(source, tmp_path / "images") == len(source) == 6
    for i in range(len(source)):
        written = read_photo(tmp_path / "images" / f"{source.image_id(i)}.png")
        np.testing.assert_array_equal(written, decode_stimulus(source[i].image))
