"""Images and maps of a table are found by what the table calls them, where that is certain."""

import unicodedata

import numpy as np
import pytest
from table_files import blurred, encoded, write_csv, write_image

from samjax.data.raw.table import read_table
from samjax.errors import UserError

NFC, NFD = (unicodedata.normalize(form, "Tür.jpg") for form in ("NFC", "NFD"))


def table(folder, *rows, header="name", fixations=("image,x,y",)):
    write_csv(folder / "images.csv", header, list(rows))
    write_csv(folder / "fixations.csv", fixations[0], list(fixations[1:]))
    return folder


@pytest.mark.parametrize(("listed", "stored"), [(NFC, NFD), (NFD, NFC), ("A", "a.JPG")])
def test_another_spelling_of_a_name_is_the_same_file(tmp_path, listed, stored):
    write_image(tmp_path, stored)
    read = read_table(table(tmp_path, listed, fixations=("image,x,y", f"{listed},1,2")))
    assert not read.errors.counts
    assert read.rows[0].image_id == unicodedata.normalize("NFC", stored).rsplit(".", 1)[0]
    assert len(read.fixations.of_image(0).xy) == 1


def test_a_name_that_fits_several_files_is_an_error(tmp_path):
    for name in ("c1/a.jpg", "c2/a.jpg"):
        write_image(tmp_path, name)
    read = read_table(table(tmp_path, "a.jpg"))
    assert dict(read.errors.counts) == {"several image files for one image": 1}
    assert "c1/a.jpg, c2/a.jpg" in str(read.errors.kept[0])


@pytest.mark.parametrize(
    ("maps", "kind"),
    [
        (["a.png"], "one map file for several images"),
        (["c1/a.png", "c1/a.jpg"], "several map files for one image"),
    ],
)
def test_a_map_that_fits_in_several_ways_is_an_error(tmp_path, maps, kind):
    for name in ("c1/a.jpg", "c2/a.jpg"):
        write_image(tmp_path, name)
    for name in maps:
        (tmp_path / "densities" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "densities" / name).write_bytes(encoded(blurred(30, 40), name[-4:]))
    errors = read_table(table(tmp_path, "c1/a.jpg", "c2/a.jpg")).errors
    assert kind in errors.counts


def test_maps_in_other_formats_and_folders_are_used(tmp_path):
    write_image(tmp_path, "a.jpg")
    (tmp_path / "Saliency Maps").mkdir()
    (tmp_path / "Saliency Maps" / "a.BMP").write_bytes(encoded(blurred(30, 40), ".bmp"))
    assert read_table(table(tmp_path, "a.jpg")).rows[0].density_file.name == "a.BMP"


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (blurred(40, 30), "width and height are exchanged"),
        (blurred(40, 40), "another aspect"),
        (np.stack([blurred(30, 40), 255 - blurred(30, 40), blurred(30, 40)], -1), "coloured"),
        (np.full((30, 40), 9, np.uint8), "blank"),
        (255 * (np.arange(1200).reshape(30, 40) % 97 == 0).astype(np.uint8), "single points"),
    ],
)
def test_a_map_that_is_none_of_its_image_is_an_error(tmp_path, array, says):
    write_image(tmp_path, "a.jpg")
    (tmp_path / "densities").mkdir()
    (tmp_path / "densities" / "a.png").write_bytes(encoded(array))
    errors = read_table(table(tmp_path, "a.jpg")).errors
    assert dict(errors.counts) == {"unreadable density file": 1}
    assert says in str(errors.kept[0])


def test_a_stated_size_that_is_turned_is_an_error(tmp_path):
    write_image(tmp_path, "a.jpg", 30, 40)
    header = "name,original_width,original_height"
    errors = read_table(table(tmp_path, "a.jpg,60,80", header=header)).errors
    assert dict(errors.counts) == {"wrong image size": 1}


def test_splits_have_their_usual_names(tmp_path):
    for name in "abc":
        write_image(tmp_path, f"{name}.jpg")
    read = read_table(table(tmp_path, "a,Training", "b,val", "c,TEST", header="Name,Split"))
    assert [row.split for row in read.rows] == ["train", "validation", "test"]


def test_two_tables_of_one_kind_are_refused(tmp_path):
    write_image(tmp_path, "a.jpg")
    table(tmp_path, "a.jpg")
    (tmp_path / "Fixations.tsv").write_text("image\tx\ty\n")
    with pytest.raises(UserError, match="keep one of them"):
        read_table(tmp_path)
