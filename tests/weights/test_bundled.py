"""The model in the box: small, ours, and found without a name; absent, the line says what to do."""

import pytest
from safetensors import safe_open
from tiny_model import save_tiny_model

from samjax import bundled
from samjax.errors import UserError
from samjax.weights import load

needs_it = pytest.mark.skipif(not bundled.PATH.is_file(), reason="the model is not trained yet")


@needs_it
def test_the_file_is_small_and_float16():
    assert bundled.PATH.stat().st_size <= bundled.MAX_BYTES
    with safe_open(bundled.PATH, framework="numpy") as file:
        kernels = [name for name in file.keys() if len(file.get_slice(name).get_shape()) > 2]  # noqa: SIM118
        assert {file.get_slice(name).get_dtype() for name in kernels} == {"F16"}


@needs_it
def test_the_file_tells_its_own_card():
    weights = load(bundled.NAME)
    assert weights.card["name"] == bundled.NAME
    assert weights.card["licence"]
    assert weights.card["data"]
    assert all(row["licence"] for row in weights.card["data"])
    assert weights.card["scores"]
    assert all(row["same_weights"] for row in weights.card["scores"])
    assert weights.buckets


def test_its_name_finds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "PATH", save_tiny_model(tmp_path / "tiny.safetensors"))
    assert load(bundled.NAME).origin == "random"


def test_a_file_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bundled, "PATH", tmp_path / "none.safetensors")
    save_tiny_model(tmp_path / "tiny.safetensors").rename(bundled.NAME)
    assert load(bundled.NAME).origin == "random"


def test_where_it_is_missing_the_line_says_what_to_name(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "PATH", tmp_path / "none.safetensors")
    message = r"work folder .* weight file, .* sam-vgg_salicon"
    with pytest.raises(UserError, match=message) as error:
        load(bundled.NAME)
    assert "\n" not in str(error.value)
