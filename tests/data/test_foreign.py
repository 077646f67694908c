"""Datasets that others wrote in array_record are read as they are."""

from typing import ClassVar

import numpy as np
import pytest
import tensorflow_datasets as tfds
from published_files import HEIGHT, WIDTH, jpeg

from samjax.data.foreign import complete, match_names
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError

POINTS = np.array([[1, 2], [3, 4]], np.float64)


class Theirs(tfds.core.GeneratorBasedBuilder):
    """As someone else would write a dataset of gaze."""

    name = "theirs"
    VERSION = tfds.core.Version("2.3.0")
    code_path = None
    FIELDS: ClassVar = {
        "image": tfds.features.Image(shape=(None, None, 3)),
        "image/filename": tfds.features.Text(),
        "fixations": tfds.features.Tensor(shape=(None, 2), dtype=np.float32),
    }

    def __init__(self, data_dir, without=()):
        self.fields = {n: f for n, f in self.FIELDS.items() if n not in without}
        super().__init__(data_dir=str(data_dir), file_format="array_record")

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(self.fields), citation="Someone."
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        row = {"image": jpeg(0), "image/filename": "a.jpg", "fixations": POINTS.astype(np.float32)}
        yield 0, {name: row[name] for name in self.fields}


def test_it_is_read_as_it_is(tmp_path):
    Theirs(tmp_path).download_and_prepare()
    dataset = open_dataset("theirs", tmp_path)
    assert dataset.sigma_px(HEIGHT, WIDTH) == pytest.approx(0.03 * WIDTH)
    assert dataset.citation == "Someone."
    example = Source(dataset, "train")[0]
    assert (example.height, example.width) == (HEIGHT, WIDTH)
    assert example.image_id == "a"
    assert example.image == jpeg(0)
    np.testing.assert_array_equal(example.points, POINTS)


def test_what_is_missing_is_told_in_one_line(tmp_path):
    Theirs(tmp_path, without=["fixations"]).download_and_prepare()
    with pytest.raises(UserError, match=r"lacks fixations or density among its fields \(image, "):
        open_dataset("theirs", tmp_path)


def test_our_own_names_come_first():
    assert match_names(["filename", "image_id", "image"]) == {
        "image_id": "image_id",
        "image": "image",
    }


def test_an_image_id_is_kept_to_the_letter():
    assert complete({"image": jpeg(0), "image_id": b"a.jpg"})["image_id"] == "a.jpg"


def test_a_map_without_points_has_no_fixations():
    example = complete({"image": jpeg(0), "id": 7, "density": b"png"})
    assert example["fixations"].shape == (0, 2)
    assert example["image_id"] == "7"
    assert example["density"] == b"png"
