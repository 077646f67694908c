"""JSON files hold no nan and are whole."""

import json
import math

import pytest

from samjax.errors import UserError
from samjax.files.json_file import read_json, write_json


def test_what_is_written_is_read_again(tmp_path):
    value = {"name": "µ", "scores": [1, 2.5, None, True]}
    path = write_json(tmp_path / "new" / "a.json", value)
    assert read_json(path) == value
    assert path.read_text().endswith("}\n")


def test_what_is_not_finite_becomes_null(tmp_path):
    value = {"a": math.nan, "b": [math.inf, (-math.inf, 1.5)]}
    text = write_json(tmp_path / "a.json", value, indent=None).read_text()
    assert text == '{"a": null, "b": [null, [null, 1.5]]}\n'


def test_a_value_that_json_does_not_know_leaves_the_old_file(tmp_path):
    path = write_json(tmp_path / "a.json", 1)
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == 1


@pytest.mark.parametrize("data", [b"", b'{"a": ', b"\xff\xfe"])
def test_a_damaged_file_is_told_in_one_line(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"a\.json is damaged, it is not JSON") as error:
        read_json(path)
    assert "\n" not in str(error.value)


def test_the_indentation_is_one_space(tmp_path):
    path = write_json(tmp_path / "a.json", {"a": [1]})
    assert path.read_text() == json.dumps({"a": [1]}, indent=1) + "\n"
