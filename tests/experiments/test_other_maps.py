"""Maps of other programs: what is missing is named."""

import cv2
import pytest

from experiments.other_maps import write_maps
from samjax.errors import UserError


def test_an_unknown_method_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match=r"hotgase.*hotgaze, spectral_residual, fine_grained"):
        write_maps("hotgase", tmp_path, tmp_path / "maps")


@pytest.mark.skipif(hasattr(cv2, "saliency"), reason="this OpenCV has its contributed modules")
def test_a_package_that_is_missing_is_named(tmp_path):
    with pytest.raises(UserError, match="pip install opencv-contrib-python-headless"):
        write_maps("fine_grained", tmp_path, tmp_path / "maps")
    assert not (tmp_path / "maps").exists()
