"""A file is told apart by its content, and every other one is refused in one line."""

import pytest
from safetensors.numpy import save_file
from torch_files import as_torchvision, write_torch
from weight_files import (
    complaint,
    random_layers,
    released,
    tiny_weights,
    write_original,
)

from samjax.errors import UserError
from samjax.weights import PUBLISHED, load, save


def test_the_content_tells_the_kind_whatever_the_name(narrow, tmp_path, rng):
    fields = released("vgg16")
    layers = random_layers(fields, rng)
    tensors = as_torchvision({k: v for k, v in layers.items() if k.startswith("block")})
    write_original(tmp_path / "original.bin", fields, layers)
    write_torch(tmp_path / "torchvision.bin", tensors)
    save_file(tensors, tmp_path / "tensors.bin")
    save(tmp_path / "ours.safetensors", tiny_weights())
    (tmp_path / "ours.safetensors").rename(tmp_path / "ours.bin")
    kinds = {path.stem: load(path).kind for path in tmp_path.iterdir()}
    assert kinds == {
        "original": "sam",
        "torchvision": "backbone",
        "tensors": "backbone",
        "ours": "sam",
    }


def test_the_released_network_is_known_by_its_layers(narrow, tmp_path, rng):
    for backbone in ("vgg16", "resnet50"):
        fields = released(backbone)
        write_original(tmp_path / "w.pkl", fields, random_layers(fields, rng))
        weights = load(tmp_path / "w.pkl")
        assert weights.model == fields
        assert (weights.preset, weights.resize_mode) == ("paper", "paper")


def test_what_is_no_weight_file_is_refused(tmp_path):
    (tmp_path / "text.pkl").write_text("no weights at all, only text")
    assert "not a weight file" in complaint(load, tmp_path / "text.pkl")
    assert "is a folder" in complaint(load, tmp_path)
    missing = complaint(load, tmp_path / "missing.pkl")
    assert all(name in missing for name in PUBLISHED)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"ends in .txt; use .safetensors or .pkl"):
        save(tmp_path / "w.txt", tiny_weights())
