"""Training starts from files, names and work folders; what does not fit is refused."""

import jax
import numpy as np
import pytest
from tiny_training import data_dir, tiny_config  # noqa: F401, a fixture

from samjax import weights
from samjax.errors import UserError
from samjax.prediction.predictor import load_model
from samjax.training import config as experiment
from samjax.training.checkpoint import Checkpoints
from samjax.training.initialize import backbone_source
from samjax.training.loop import train
from samjax.training.restore import read_weights


@pytest.fixture(scope="module")
def trained(data_dir, tmp_path_factory):  # noqa: F811
    workdir = tmp_path_factory.mktemp("trained")
    train(tiny_config(data_dir, max_steps=3), workdir)
    return workdir


def still(data_dir, **train_fields):  # noqa: F811
    """A config under which nothing moves."""
    config = tiny_config(data_dir, learning_rate=0.0, max_steps=1, **train_fields)
    config.model.norm_statistics = "running"
    return config


def params(workdir) -> dict:
    return jax.device_get(Checkpoints(workdir / "checkpoints").load(("params",))["params"])


def test_a_whole_network_is_taken_from_a_work_folder(trained, data_dir, tmp_path):  # noqa: F811
    train(still(data_dir, start_from=str(trained), seed=5), tmp_path)
    jax.tree.map(
        np.testing.assert_array_equal, params(tmp_path), read_weights(trained).variables["params"]
    )


def test_a_backbone_is_taken_and_the_rest_is_random(trained, data_dir, tmp_path):  # noqa: F811
    read = read_weights(trained)
    only = {
        group: {"backbone": tree["backbone"]}
        for group, tree in read.variables.items()
        if "backbone" in tree
    }
    backbone = weights.Weights("backbone", only, read.model, "tiny", "")
    weights.save(tmp_path / "backbone.safetensors", backbone)
    config = still(data_dir, seed=5)
    config.model.backbone_weights = str(tmp_path / "backbone.safetensors")
    train(config, tmp_path)
    got = params(tmp_path)
    jax.tree.map(np.testing.assert_array_equal, got["backbone"], only["params"]["backbone"])
    kernel = got["attentive_convlstm"]["U_a"]["kernel"]
    assert (kernel != read.variables["params"]["attentive_convlstm"]["U_a"]["kernel"]).any()


def test_a_backbone_for_another_normalization_is_refused(trained, data_dir, tmp_path):  # noqa: F811
    config = still(data_dir, start_from=str(trained))
    config.model.normalization = "caffe"
    with pytest.raises(UserError, match=r"set --config\.model\.normalization=torchvision"):
        train(config, tmp_path)


def test_a_run_becomes_one_file_that_predicts_the_same(trained, tmp_path, rng):
    weights.save(tmp_path / "run.safetensors", read_weights(trained))
    folder, file = load_model(trained), load_model(tmp_path / "run.safetensors")
    assert folder.input_size == file.input_size == (32, 40)
    images = rng.integers(0, 256, (2, 32, 40, 3)).astype(np.uint8)
    maps = [model.predict_batch(images).saliency for model in (folder, file)]
    np.testing.assert_array_equal(*maps)


def test_frozen_norms_and_parts_do_not_move(data_dir, tmp_path):  # noqa: F811
    config = tiny_config(data_dir, max_steps=3)
    config.model.norm_statistics = "frozen"
    config.train.factors.update(attentive_convlstm=0.0)
    train(config, tmp_path)
    after = params(tmp_path)
    model = experiment.build_model(config)
    before = jax.jit(model.init)(jax.random.key(0), np.zeros((1, 32, 40, 3), np.uint8))["params"]
    same = jax.tree.map(lambda a, b: bool((a == b).all()), after, jax.device_get(before))
    assert all(jax.tree.leaves(same["attentive_convlstm"]))
    norms = [same["backbone"][name] for name in same["backbone"] if "norm" in name]
    assert len(norms) == 5
    assert all(jax.tree.leaves(norms))
    assert not same["backbone"]["block1_conv1"]["kernel"]


def test_imagenet_means_the_published_file_of_the_backbone(data_dir):  # noqa: F811
    config = tiny_config(data_dir)
    assert backbone_source(config) == ""
    config.model.update(backbone="resnet50", backbone_weights="imagenet")
    assert backbone_source(config) in weights.PUBLISHED


def test_without_a_network_the_remedy_is_told(data_dir, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    config = tiny_config(data_dir, offline=True)
    config.model.update(backbone="vgg16", norm="none", backbone_weights="imagenet")
    with pytest.raises(UserError, match="offline"):
        train(config, tmp_path / "run")


def test_a_backbone_alone_does_not_predict(trained, tmp_path):
    read = read_weights(trained)
    only = {g: {"backbone": t["backbone"]} for g, t in read.variables.items() if "backbone" in t}
    weights.save(
        tmp_path / "b.safetensors", weights.Weights("backbone", only, read.model, "tiny", "")
    )
    with pytest.raises(UserError, match="predicts no saliency"):
        load_model(tmp_path / "b.safetensors")
