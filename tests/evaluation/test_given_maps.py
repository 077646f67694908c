"""A map that somebody gives: several files of one image must hold the same map."""

import cv2
import numpy as np
import pytest

from samjax.errors import UserError
from samjax.evaluation.given_maps import Failures, MapOptions, read_given
from samjax.evaluation.map_sizes import ImageSize, SizeOptions
from samjax.pictures.heatmap import quantise

IMAGE = ImageSize((24, 32), (24, 32))


@pytest.fixture
def saliency(rng):
    return cv2.GaussianBlur(rng.random((24, 32), np.float32), (0, 0), 3)


@pytest.fixture
def files(tmp_path, saliency):
    np.save(tmp_path / "a.npy", saliency)
    cv2.imwrite(str(tmp_path / "a.png"), quantise(saliency, np.uint16))
    cv2.imwrite(str(tmp_path / "a.jpg"), quantise(saliency, np.uint8))
    return [tmp_path / name for name in ("a.npy", "a.png", "a.jpg")]


def test_files_of_one_map_agree_and_the_finest_counts(files, saliency):
    given = read_given(files, IMAGE, MapOptions())
    np.testing.assert_array_equal(given.values, saliency)
    assert (given.bits, given.is_blank) == (32, False)


def test_a_nearly_even_map_agrees_with_its_8_bits(files, saliency):
    even = 1 + saliency / saliency.max() / 100
    np.save(files[0], even)
    cv2.imwrite(str(files[1]), quantise(even, np.uint8))
    assert read_given(files[:2], IMAGE, MapOptions()).bits == 32


def test_an_old_map_beside_a_new_one_is_refused(files, saliency):
    np.save(files[0], saliency[::-1])
    with pytest.raises(UserError, match=r"a\.npy and a\.png are two different maps"):
        read_given(files, IMAGE, MapOptions())


def test_a_damaged_file_beside_a_good_one_is_named(files):
    files[1].write_bytes(files[1].read_bytes()[:200])
    with pytest.raises(UserError, match=r"a\.png: cannot be read.*a\.npy is there too"):
        read_given(files, IMAGE, MapOptions())


def test_blank_maps_agree_with_blank_maps(files):
    np.save(files[0], np.zeros((24, 32)))
    cv2.imwrite(str(files[1]), np.full((24, 32), 7, np.uint8))
    assert read_given(files[:2], IMAGE, MapOptions()).is_blank
    with pytest.raises(UserError, match="two different maps"):
        read_given([files[0], files[2]], IMAGE, MapOptions())


def test_what_was_said_reaches_the_map(files, saliency):
    np.save(files[0], np.log(saliency / saliency.sum()).T)
    said = MapOptions("log-density", size=SizeOptions(transpose=True))
    given = read_given(files[:1], IMAGE, said)
    np.testing.assert_allclose(given.values, saliency / saliency.sum(), rtol=1e-4)
    with pytest.raises(UserError, match=r"a\.npy: the map is \(32, 24\)"):
        read_given(files[:1], IMAGE, MapOptions())


def test_an_unknown_kind_is_named():
    with pytest.raises(UserError, match="--values=logs is unknown; use saliency, density"):
        MapOptions("logs").check()


def test_failures_of_all_maps_are_one_error():
    failures = Failures()
    failures.require_some(0)
    failures.note("a", UserError("a.npy: one"))
    failures.note("b", UserError("b.npy: two"))
    failures.require_some(3)
    with pytest.raises(UserError, match=r"^a\.npy: one \(and 1 more maps cannot be used\)$"):
        failures.require_some(0)
