"""A prepared dataset at a glance: its numbers, and a sheet with a cell for each image."""

import pytest
from PIL import Image

from samjax.data.sources import Source, open_dataset
from samjax.report import dataset_sheet


@pytest.fixture
def source(scenes):
    return Source(open_dataset("synthetic", scenes), "validation")


def test_the_numbers_are_those_of_the_split(source):
    rows = dataset_sheet.statistics(source)
    assert rows["images"] == "6"
    assert rows["sizes"] == "1 different, most of all 64 x 48 (6)"
    total = sum(len(source[i].points) for i in range(6))
    assert rows["fixations"].startswith(f"{total:,}, {total / 6:.1f} per image")
    assert rows["subjects"] == "4"
    assert rows["published maps"] == "6"
    assert "center bias" in rows


def test_the_sheet_is_written_at_its_width(source, tmp_path):
    dataset_sheet.contact_sheet(source, 2, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width == dataset_sheet.WIDTH * dataset_sheet.DPI
