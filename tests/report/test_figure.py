"""Figures are at the width of a column, with a column for each kind of map."""

import numpy as np
import pytest
from PIL import Image

from samjax.cli import main
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.report import figure


@pytest.mark.parametrize("strip", [False, True])
def test_figures_are_at_column_width_with_a_column_each(report_folder, scenes, tmp_path, strip):
    output = tmp_path / "out/figure"
    command = ["figure", "--weights", str(report_folder.point), "--dataset", "synthetic"]
    command += ["--data-dir", str(scenes), "--count", "2", "--output", str(output)]
    assert main([*command, *(["--strip"] if strip else [])]) == 0
    with Image.open(f"{output}.png") as picture:
        assert picture.width == pytest.approx(3.5 * 300, abs=2)
        columns = 4 if strip else 3
        aspect = 2 * 48 / 64 / columns
        # The rows of pictures, and above them a line of titles.
        assert picture.height == pytest.approx(3.5 * 300 * aspect, rel=0.25)
    assert (tmp_path / "out/figure.pdf").read_bytes().startswith(b"%PDF")


def test_images_of_a_figure_are_named(scenes):
    source = Source(open_dataset("synthetic", scenes), "validation")
    name = source.image_id(3)
    assert figure.select_images(source, [name], 1) == [3]
    assert figure.select_images(source, [], 2) == [0, 5]
    with pytest.raises(UserError, match="no image 'nobody'"):
        figure.select_images(source, ["nobody"], 1)


def test_a_map_is_drawn_in_the_photographs_own_size():
    photo = np.zeros((30, 40, 3), np.uint8)
    (drawn,) = figure._overlays([photo], [np.random.default_rng(0).random((60, 80))])
    assert drawn.shape == photo.shape
