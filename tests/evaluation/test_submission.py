"""Packed submissions, read back by readers that share nothing with the packer."""

import io
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image

from samjax.cli import main
from samjax.errors import UserError
from samjax.evaluation.given_maps import MapOptions
from samjax.evaluation.packed_density import log_density
from samjax.evaluation.submission import pack

SIZE = (20, 30)


@pytest.fixture
def folders(tmp_path, rng):
    images, maps = tmp_path / "images", tmp_path / "maps"
    for name in ("Action/001.jpg", "Art/001.jpg", "top.jpeg"):
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (*SIZE, 3), dtype=np.uint8)).save(images / name)
        target = (maps / name).with_suffix(".npy")
        target.parent.mkdir(parents=True, exist_ok=True)
        saliency = rng.random(SIZE).astype(np.float32)
        saliency[:3] = 0
        np.save(target, saliency)
    return maps, images, tmp_path


def test_tuebingen_file_holds_log_densities(folders):
    maps, images, folder = folders
    pack("tuebingen", maps, images, folder / "out.h5")
    with h5py.File(folder / "out.h5") as file:
        names = []
        file.visititems(lambda n, item: names.append(n) if isinstance(item, h5py.Dataset) else None)
        assert sorted(names) == ["Action/001.jpg", "Art/001.jpg", "top.jpeg"]
        for name in names:
            log = file[name][()]
            assert log.dtype == np.float32
            assert log.shape == SIZE
            assert np.isfinite(log).all()
            assert np.logaddexp.reduce(np.float64(log).ravel()) == pytest.approx(0, abs=1e-5)
            saliency = np.load((maps / name).with_suffix(".npy"))
            assert np.corrcoef(np.exp(log).ravel(), saliency.ravel())[0, 1] > 0.9999


@pytest.mark.parametrize(
    ("kind", "names"),
    [("salicon", ["top.png"]), ("cat2000", ["Action/001.png", "Art/001.png", "top.png"])],
)
def test_zip_holds_grey_pictures_without_zeros(folders, kind, names):
    maps, images, folder = folders
    if kind == "salicon":
        for name in ("Action", "Art"):
            (images / name / "001.jpg").unlink()
    assert main(["pack", "--benchmark", kind, "--maps", str(maps), "--images", str(images),
                 "--output", str(folder / "out.zip")]) == 0  # fmt: skip
    with zipfile.ZipFile(folder / "out.zip") as file:
        assert file.testzip() is None
        assert sorted(file.namelist()) == names
        for name in names:
            picture = np.asarray(Image.open(io.BytesIO(file.read(name))))
            assert (picture.dtype, picture.shape) == (np.uint8, SIZE)
            assert (picture.min(), picture.max()) == (1, 255)


def test_two_images_of_one_name_need_folders(folders):
    maps, images, folder = folders
    with pytest.raises(UserError, match=r"001\.png"):
        pack("salicon", maps, images, folder / "out.zip")
    assert not (folder / "out.zip").exists()


def test_packing_twice_gives_the_same_bytes(folders):
    maps, images, folder = folders
    for name in ("a.zip", "b.zip"):
        pack("cat2000", maps, images, folder / name)
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()


def test_a_density_without_zeros_is_kept(rng):
    density = rng.random(SIZE) + 0.1
    density /= density.sum()
    np.testing.assert_allclose(np.exp(log_density(density)), density, rtol=1e-5)


@pytest.mark.parametrize("bad", [np.zeros(SIZE), np.full(SIZE, np.nan), np.ones((3, 4))])
def test_maps_that_cannot_be_packed_are_named(folders, bad):
    maps, images, folder = folders
    np.save(maps / "top.npy", bad)
    with pytest.raises(UserError):
        pack("tuebingen", maps, images, folder / "out.h5")
    assert not (folder / "out.h5").exists()


def test_missing_maps_are_named(folders):
    maps, images, folder = folders
    (maps / "top.npy").unlink()
    with pytest.raises(UserError, match=r"top\.jpeg"):
        pack("tuebingen", maps, images, folder / "out.h5")


def test_one_map_is_never_packed_for_several_images(folders):
    maps, images, folder = folders
    (maps / "Action/001.npy").rename(maps / "001.npy")
    (maps / "Art/001.npy").unlink()
    with pytest.raises(UserError, match=r"001\.npy would be the map of 2 images called 001"):
        pack("cat2000", maps, images, folder / "out.zip")
    assert not (folder / "out.zip").exists()


def test_log_densities_are_packed_as_what_they_are_if_that_was_said(folders, rng):
    maps, images, folder = folders
    density = rng.random(SIZE) + 0.1
    density /= density.sum()
    for path in maps.rglob("*.npy"):
        np.save(path, np.log(density))
    with pytest.raises(UserError, match=r"3 of 3 maps cannot be packed.*--values=log-density"):
        pack("tuebingen", maps, images, folder / "out.h5")
    pack("tuebingen", maps, images, folder / "out.h5", MapOptions("log-density"))
    with h5py.File(folder / "out.h5") as file:
        np.testing.assert_allclose(file["top.jpeg"][()], np.log(density), atol=1e-5)
    with pytest.raises(UserError, match="holds logarithms"):
        log_density(np.log(density))


def test_a_map_of_a_turned_picture_is_packed_as_it_is_stored(folders, rng):
    maps, images, folder = folders
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", SIZE[::-1]).save(images / "top.jpeg", exif=exif)
    seen = rng.random(SIZE[::-1]) + 0.1
    np.save(maps / "top.npy", seen)
    pack("tuebingen", maps, images, folder / "out.h5")
    with h5py.File(folder / "out.h5") as file:
        np.testing.assert_allclose(
            np.exp(file["top.jpeg"][()]), np.rot90(seen) / seen.sum(), rtol=1e-4
        )


def test_links_that_lead_nowhere_are_not_left_out_unseen(folders):
    maps, images, folder = folders
    (images / "gone.jpg").symlink_to("nowhere.jpg")
    with pytest.raises(UserError, match=r"gone\.jpg: a link to what is not there"):
        pack("tuebingen", maps, images, folder / "out.h5")
