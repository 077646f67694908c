"""`table` reads people's own files, and names and counts whatever is wrong with them."""

import gzip
import math

import numpy as np
import pytest
from table_files import (
    BAD_ROWS,
    FIXATIONS_HEADER,
    IMAGES_HEADER,
    append_rows,
    blurred,
    encoded,
    write_csv,
    write_image,
    write_table,
)

from samjax.data.raw.table import read_table
from samjax.errors import UserError


def test_a_sound_table_has_no_errors(tmp_path):
    table = read_table(write_table(tmp_path))
    assert not table.errors.counts
    assert [row.image_id for row in table.splits()["train"]] == ["0", "1", "2"]
    assert [row.image_id for row in table.splits()["validation"]] == ["3"]
    assert (table.rows[0].height, table.rows[0].width) == (60, 80)


def test_fixations_are_grouped_by_image_in_file_order(tmp_path):
    write_table(tmp_path)
    rows = ["2.png,0,1,1,,", "1.png,1,2,2,5,0", "2.png,0,3,3,nan,1"]
    (tmp_path / "fixations.csv.gz").unlink()
    write_csv(tmp_path / "fixations.csv", FIXATIONS_HEADER, rows)
    fixations = read_table(tmp_path).fixations
    second = fixations.of_image(2)
    assert second.xy.tolist() == [[1, 1], [3, 3]]
    assert second.order.tolist() == [-1, 1]
    assert np.isnan(second.duration_ms).all()
    assert fixations.of_image(0).xy.shape == (0, 2)
    kinds = [column.dtype for column in second]
    assert kinds == [np.float32, np.int32, np.float32, np.int32]


def test_only_name_image_x_and_y_are_required(tmp_path):
    write_image(tmp_path, "sub/a.jpg", 20, 50)
    write_csv(tmp_path / "images.csv", "name", ["sub/a.jpg"])
    write_csv(tmp_path / "fixations.csv", " x , y ,image", ["49.4,19.4,sub/a.jpg", ""])
    table = read_table(tmp_path)
    (row,) = table.splits()["train"]
    assert (row.image_id, row.height, row.width) == ("sub/a", 20, 50)
    values = table.fixations.of_image(0)
    assert values.subject.tolist() == [-1]
    assert values.order.tolist() == [-1]
    assert math.isnan(values.duration_ms[0])


def test_densities_alone_are_enough(tmp_path):
    write_image(tmp_path, "a.jpg", 20, 50)
    write_csv(tmp_path / "images.csv", "name", ["a.jpg"])
    with pytest.raises(UserError, match="neither"):
        read_table(tmp_path)
    (tmp_path / "densities").mkdir()
    (tmp_path / "densities" / "a.png").write_bytes(encoded(blurred(20, 50)))
    table = read_table(tmp_path)
    assert table.rows[0].density_file.name == "a.png"
    assert len(table.fixations.of_image(0).xy) == 0


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    write_table(tmp_path)
    text = (tmp_path / "images.csv").read_text()
    (tmp_path / "images.csv").write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    assert len(read_table(tmp_path).rows) == 4


@pytest.fixture
def table(tmp_path):
    """A sound table, with files beside it for the rows of BAD_ROWS."""
    write_table(tmp_path)
    for name in ("new.png", "broken.png", "mapped.png"):
        write_image(tmp_path, name)
    broken = tmp_path / "images" / "broken.png"
    broken.write_bytes(broken.read_bytes()[:900])
    (tmp_path / "densities").mkdir()
    (tmp_path / "densities" / "mapped.png").write_bytes(b"no map")
    return tmp_path


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_each_error_is_named_by_file_and_line_and_counted(table, kind):
    file, row = BAD_ROWS[kind]
    append_rows(table / file, row)
    line = {"images.csv": 6, "fixations.csv.gz": 8}[file]
    errors = read_table(table).errors
    assert dict(errors.counts) == {kind: 1}
    assert errors.kept[0].where == f"{table / file} line {line}"
    with pytest.raises(UserError, match=f"line {line}: .*1 {kind}.*--on-error=skip") as error:
        errors.refuse()
    assert "\n" not in str(error.value)


def test_all_errors_are_counted_and_the_rest_is_kept(table):
    for file, row in BAD_ROWS.values():
        append_rows(table / file, row, row)
    result = read_table(table)
    # The second of two equal sound names would be a duplicate; these are all refused first.
    assert set(result.errors.counts) == set(BAD_ROWS)
    assert result.errors.counts["point outside its image"] == 2
    assert [row.image_id for row in result.rows] == ["0", "1", "2", "3"]
    assert len(result.fixations.of_image(3).xy) == 3


@pytest.mark.parametrize("cells", ["nan,1,1,1", "inf,1,1,1", ",1,1,1", "1,1,1,x", "1,1,x,1"])
def test_numbers_that_are_none_are_errors(tmp_path, cells):
    write_table(tmp_path)
    append_rows(tmp_path / "fixations.csv.gz", f"1.png,0,{cells}", "1.png")
    counts = read_table(tmp_path).errors.counts
    assert dict(counts) == {"non-numeric value": 2}


def test_a_subject_must_be_a_whole_number(tmp_path):
    write_table(tmp_path)
    append_rows(tmp_path / "fixations.csv.gz", "1.png,1.5,1,1,1,1")
    assert dict(read_table(tmp_path).errors.counts) == {"non-numeric value": 1}


def test_fixations_of_images_left_out_are_dropped_not_errors(tmp_path):
    write_table(tmp_path)
    (tmp_path / "images" / "2.png").unlink()
    table = read_table(tmp_path)
    assert dict(table.errors.counts) == {"missing image file": 1}
    assert table.dropped == 2
    assert len(table.fixations.of_image(table.rows[-1].number).xy) == 3


def test_the_edge_of_the_image_is_half_a_pixel_out(tmp_path):
    write_table(tmp_path)
    append_rows(tmp_path / "fixations.csv.gz", "0.png,0,-0.5,-0.5,1,0", "0.png,0,79.49,59.49,1,1")
    assert not read_table(tmp_path).errors.counts


@pytest.mark.parametrize(
    ("file", "content", "named"),
    [
        ("images.csv", b"title,split\na.png,train\n", "lacks the column name"),
        ("images.csv", b"", "lacks the column name"),
        ("images.csv", b"name\n\x81\x8d.png\n", "UTF-8"),
        ("fixations.csv.gz", b"image,x,y\n", "cannot be read"),
        ("fixations.csv.gz", gzip.compress(b"image,x,y\n" * 999, mtime=0)[:30], "cannot be read"),
        ("fixations.csv", b"image,x,y\n", "keep one"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, file, content, named):
    write_table(tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(UserError, match=named):
        read_table(tmp_path)


def test_a_source_without_images_csv_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"images\.csv is not there"):
        read_table(tmp_path)
    assert IMAGES_HEADER.startswith("name")
