"""Tables in the dialects that eye trackers' software and spreadsheets write."""

import gzip

import pytest
from table_files import write_csv, write_image

from samjax.data.raw.bounded import FREE
from samjax.data.raw.table import read_table
from samjax.data.raw.units import Units
from samjax.errors import UserError

TWO = [[10.5, 20.25], [30.0, 40.5]]
DIALECTS = {
    "byte order mark": (b"\xef\xbb\xbfimage,x,y\r\na.jpg,10.5,20.25\r\na.jpg,30,40.5\r\n", TWO),
    "carriage returns": (b"image,x,y\ra.jpg,10.5,20.25\ra.jpg,30,40.5\r", TWO),
    "decimal commas": (b"image;x;y\na.jpg;10,5;20,25\na.jpg;30,0;40,5\n", TWO),
    "tabs": (b"image\tx\ty\na.jpg\t10.5\t20.25\na.jpg\t30\t40.5\n", TWO),
    "bars": (b"image|x|y\na.jpg|10.5|20.25\na.jpg|30|40.5\n", TWO),
    "capitals": (b"Image, X ,Y\na.jpg,10.5,20.25\na.jpg,30,40.5\n", TWO),
    "UTF-16": ("image,x,y\na.jpg,10.5,20.25\na.jpg,30,40.5\n".encode("utf-16"), TWO),
    "UTF-16 unmarked": ("image,x,y\na.jpg,10.5,20.25\na.jpg,30,40.5\n".encode("utf-16-le"), TWO),
    "Windows": ("image,x,y,note\na.jpg,10.5,20.25,fünf\n".encode("cp1252"), TWO[:1]),
    "quoted": (b'"image","x","y"\n"a.jpg","10.5","20.25"\n', TWO[:1]),
    "sep": (b"sep=;\nimage;x;y\na.jpg;10,5;20,25\n", TWO[:1]),
    "three decimals each": (b"image;x;y\na.jpg;10,500;20,250\n", TWO[:1]),
    "without ending": (b"image,x,y\na,10.5,20.25\n", TWO[:1]),
    "of Windows": (b"image,x,y\nimages\\A.JPG,10.5,20.25\n", TWO[:1]),
    "comma at the end": (b"image,x,y,\na.jpg,10.5,20.25,\n", TWO[:1]),
    "index": (b",image,x,y\n0,a.jpg,10.5,20.25\n1,a.jpg,30,40.5\n", TWO),
}
REFUSED = {
    "thousands or decimals": (b"image\tx\ty\na.jpg\t1,024\t20\n", "1,024"),
    "two decimal marks": (b"image;x;y\na.jpg;1,5;20.5\n", "decimal points"),
    "a column twice": (b"image,x,y,x,y\na.jpg,10,20,50,30\n", "2 columns x"),
    "zero bytes": (b"image,x,y\na.jpg,10,20\n\0\0\0", "zero bytes"),
    "a line without end": (b"image,x,y\n" + b"1" * 2**21, "line 2 is longer"),
    "a quote without end": (b'image,x,y\n"' + b"a\n" * 2**18, "cannot be read as a table"),
}
ERRORS = {
    "thousands": b'image,x,y\na.jpg,"1,024.5",20\n',
    "underscore": b"image,x,y\na.jpg,1_0,20\n",
    "unquoted decimal commas": b"image,x,y\na.jpg,10,5,20,25\n",
    "missing position": b"image,x,y\na.jpg,.,.\n",
    "infinite": b"image,x,y,order\na.jpg,10,20,inf\n",
    "digits of another script": "image,x,y\na.jpg,\u0661,20\n".encode(),
    "half a subject": b"image,x,y,subject\na.jpg,10,20,1.5\n",
}


def table(folder, fixations: bytes, name: str = "fixations.csv"):
    write_image(folder, "a.jpg", 60, 80)
    write_csv(folder / "images.csv", "name", ["a.jpg"])
    (folder / name).write_bytes(fixations)
    return folder


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_gives_the_same_positions(tmp_path, dialect):
    content, expected = DIALECTS[dialect]
    read = read_table(table(tmp_path, content))
    assert not read.errors.counts
    assert read.fixations.of_image(0).xy.tolist() == expected


@pytest.mark.parametrize("kind", REFUSED)
def test_a_table_that_may_say_two_things_or_nothing_is_refused(tmp_path, kind):
    content, says = REFUSED[kind]
    with pytest.raises(UserError, match=says) as error:
        read_table(table(tmp_path, content))
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("kind", ERRORS)
def test_a_row_that_is_not_understood_is_an_error(tmp_path, kind):
    read = read_table(table(tmp_path, ERRORS[kind]))
    assert dict(read.errors.counts) == {"non-numeric value": 1}


def test_a_compressed_table_without_end_is_refused(tmp_path):
    content = gzip.compress(b"image,x,y\n" + b"\n" * (FREE + 2**20), 1)
    with pytest.raises(UserError, match="holds more than 64 MiB"):
        read_table(table(tmp_path, content, "fixations.csv.gz"))


def test_subjects_may_have_names_and_are_numbered_in_natural_order(tmp_path):
    rows = b"image,x,y,subject\na.jpg,1,1,S10\na.jpg,2,2,S2\na.jpg,3,3,\na.jpg,4,4,S10\n"
    read = read_table(table(tmp_path, rows))
    assert read.fixations.of_image(0).subject.tolist() == [1, 0, -1, 1]
    told = {problem.where: problem.what for problem in read.warnings.kept}
    assert told == {"S2": "is subject 0", "S10": "is subject 1"}
    rows = b"image,x,y,subject\na.jpg,1,1,20231015093000\na.jpg,2,2,7.0\n"
    assert read_table(table(tmp_path, rows)).fixations.of_image(0).subject.tolist() == [1, 0]


def test_columns_and_files_that_are_not_read_are_named(tmp_path):
    table(tmp_path, b"image,x,y,Participant\na.jpg,1,1,S1\n")
    write_image(tmp_path, "b.jpg")
    (tmp_path / "more.csv").write_text("x\n")
    warnings = read_table(tmp_path).warnings
    kinds = {"column not read": 1, "file not used": 1, "image not in images.csv": 1}
    assert dict(warnings.counts) == kinds


def test_files_of_other_spelling_are_found(tmp_path):
    table(tmp_path, b"image\tx\ty\na\t1\t2\n", "Fixation.TSV")
    assert read_table(tmp_path).fixations.of_image(0).xy.tolist() == [[1, 2]]


def test_rows_that_are_there_twice_for_certain_are_errors(tmp_path):
    row = "a.jpg,1.5,2,{},{}\n"
    rows = "".join(row.format(s, o) for s, o in ((1, 0), (1, 1), (1, 0), ("", 0), ("", 0)))
    read = read_table(table(tmp_path, f"image,x,y,subject,order\n{rows}".encode()))
    assert dict(read.errors.counts) == {"repeated row": 1}
    assert len(read.fixations.of_image(0).xy) == 4


@pytest.mark.parametrize(
    ("units", "row", "expected"),
    [
        ("fractions", "0,0", [-0.5, -0.5]),
        ("fractions", "0.5,0.25", [39.5, 14.5]),
        ("one-based", "80,60", [79, 59]),
        ("pixels", "0.5,0.25", [0.5, 0.25]),
    ],
)
def test_units_are_those_that_the_user_states(tmp_path, units, row, expected):
    table(tmp_path, f"image,x,y\na.jpg,{row}\n".encode())
    read = read_table(tmp_path, units=Units.parse(units))
    assert read.fixations.of_image(0).xy.tolist() == [expected]


def test_the_fraction_one_is_in_the_last_pixel_and_seconds_are_milliseconds(tmp_path):
    table(tmp_path, b"image,x,y,duration_ms\na.jpg,1,1,0.25\n")
    read = read_table(tmp_path, units=Units.parse("fractions,seconds"))
    points = read.fixations.of_image(0)
    assert points.xy.round().astype(int).tolist() == [[79, 59]]
    assert points.duration_ms.tolist() == [250]


@pytest.mark.parametrize(("text", "says"), [("miles", "unknown"), ("ms,seconds", "two units")])
def test_units_that_make_no_sense_are_refused(text, says):
    with pytest.raises(UserError, match=says):
        Units.parse(text)
