"""The model in the box: small, ours, and found without a name; absent, the line says what to do."""

import pytest
from safetensors import safe_open
from tiny_model import save_tiny_model

from samjax import bundled
from samjax.errors import UserError
from samjax.weights import load


@pytest.fixture(params=bundled.NAMES)
def name(request):
    if not bundled.path_of(request.param).is_file():
        pytest.skip("the model is not trained yet")
    return request.param


def test_the_files_are_small():
    assert sum(file.stat().st_size for file in bundled.FOLDER.glob("*")) <= bundled.MAX_BYTES


def test_the_file_is_float16(name):
    with safe_open(bundled.find(name), framework="numpy") as file:
        kernels = [name for name in file.keys() if len(file.get_slice(name).get_shape()) > 2]  # noqa: SIM118
        assert {file.get_slice(name).get_dtype() for name in kernels} == {"F16"}


def test_the_file_tells_its_own_card(name):
    weights = load(name)
    assert weights.card["name"] == name
    assert weights.card["licence"]
    assert weights.card["data"]
    assert all(row["licence"] for row in weights.card["data"])
    assert weights.card["scores"]
    assert all(row["same_weights"] for row in weights.card["scores"])
    assert weights.buckets


def test_its_name_finds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    for name in bundled.NAMES:
        save_tiny_model(tmp_path / f"{name}.safetensors")
        assert load(name).origin == "random"


def test_a_file_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bundled, "FOLDER", tmp_path / "none")
    save_tiny_model(tmp_path / "tiny.safetensors").rename(bundled.NAME)
    assert load(bundled.NAME).origin == "random"


def test_where_it_is_missing_the_line_says_what_to_name(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    message = r"work folder .* weight file, .* sam-vgg_salicon"
    with pytest.raises(UserError, match=message) as error:
        load(bundled.NAME)
    assert "\n" not in str(error.value)


def test_the_one_with_times_knows_them():
    if not bundled.path_of(bundled.TIMED).is_file():
        pytest.skip("the model is not trained yet")
    assert load(bundled.TIMED).viewing_times_ms == (500.0, 1000.0, 3000.0)
    assert load(bundled.NAME).viewing_times_ms == ()
