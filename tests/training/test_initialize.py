"""Training starts from files, names and work folders; what does not fit is refused."""

import jax
import numpy as np
import pytest
from tiny_training import tiny_config

from samjax import weights
from samjax.errors import UserError
from samjax.prediction.predictor import load_model
from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_reading import Found
from samjax.training.compiled import plan_state, restore_or_create
from samjax.training.config import backbone_source, build_model, read_experiment
from samjax.training.experiment import Start
from samjax.training.initialize import check_start
from samjax.training.loop import train as train_on
from samjax.training.restore import read_weights


@pytest.fixture
def trained(trained_workdir):
    """The work folder of a tiny network; nothing is written to it."""
    return trained_workdir


def train(config, workdir) -> dict[str, float]:
    """Train on one device: the tests of the mesh hold that more give the same."""
    return train_on(config, workdir, jax.devices()[:1])


class NoCheckpoints:
    """Stands for a work folder that has none yet."""

    def find(self) -> Found:
        return Found(None, [])


def first_params(config) -> dict:
    """The parameters with which training starts."""
    experiment = read_experiment(config, jax.devices()[:1])
    state, _ = restore_or_create(NoCheckpoints(), experiment, plan_state(experiment))
    return jax.device_get(state.params)


def params(workdir) -> dict:
    return jax.device_get(Checkpoints(workdir / "checkpoints").load(("params",))["params"])


def test_a_whole_network_is_taken_from_a_work_folder(trained, data_dir):
    got = first_params(tiny_config(data_dir, start_from=str(trained), seed=5))
    jax.tree.map(np.testing.assert_array_equal, got, read_weights(trained).variables["params"])


def test_a_backbone_is_taken_and_the_rest_is_random(trained, data_dir, tmp_path):
    read = read_weights(trained)
    only = {
        group: {"backbone": tree["backbone"]}
        for group, tree in read.variables.items()
        if "backbone" in tree
    }
    backbone = weights.Pretrained("backbone", only, read.model, "tiny", "")
    weights.save(tmp_path / "backbone.safetensors", backbone)
    config = tiny_config(data_dir, seed=5)
    config.model.backbone_weights = str(tmp_path / "backbone.safetensors")
    got = first_params(config)
    jax.tree.map(np.testing.assert_array_equal, got["backbone"], only["params"]["backbone"])
    kernel = got["attentive_convlstm"]["U_a"]["kernel"]
    assert (kernel != read.variables["params"]["attentive_convlstm"]["U_a"]["kernel"]).any()


def test_a_backbone_for_another_normalization_is_refused(trained, data_dir):
    config = tiny_config(data_dir, start_from=str(trained))
    config.model.normalization = "caffe"
    with pytest.raises(UserError, match=r"set --config\.model\.normalization=torchvision"):
        first_params(config)


def test_a_run_becomes_one_file_that_predicts_the_same(trained, tmp_path, rng):
    weights.save(tmp_path / "run.safetensors", read_weights(trained))
    folder, file = load_model(trained), load_model(tmp_path / "run.safetensors")
    assert folder.input_size == file.input_size == (32, 40)
    images = rng.integers(0, 256, (2, 32, 40, 3)).astype(np.uint8)
    maps = [model.predict_batch(images).saliency for model in (folder, file)]
    np.testing.assert_array_equal(*maps)


def test_frozen_norms_and_parts_do_not_move(data_dir, tmp_path):
    config = tiny_config(data_dir, max_steps=3)
    config.model.norm_statistics = "frozen"
    config.train.factors.update(attentive_convlstm=0.0)
    train(config, tmp_path)
    after = params(tmp_path)
    model = build_model(config)
    before = jax.jit(model.init)(jax.random.key(0), np.zeros((1, 32, 40, 3), np.uint8))["params"]
    same = jax.tree.map(lambda a, b: bool((a == b).all()), after, jax.device_get(before))
    assert all(jax.tree.leaves(same["attentive_convlstm"]))
    norms = [same["backbone"][name] for name in same["backbone"] if "norm" in name]
    assert len(norms) == 5
    assert all(jax.tree.leaves(norms))
    assert not same["backbone"]["block1_conv1"]["kernel"]


def test_imagenet_means_the_published_file_of_the_backbone(data_dir):
    config = tiny_config(data_dir)
    assert backbone_source(config) == ""
    config.model.update(backbone="resnet50", backbone_weights="imagenet")
    assert backbone_source(config) in weights.PUBLISHED


def test_without_a_network_the_remedy_is_told(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    config = tiny_config(data_dir, offline=True)
    config.model.update(backbone="vgg16", norm="none", backbone_weights="imagenet")
    with pytest.raises(UserError, match="offline"):
        train(config, tmp_path / "run")


def test_a_backbone_alone_does_not_predict(trained, tmp_path):
    read = read_weights(trained)
    only = {g: {"backbone": t["backbone"]} for g, t in read.variables.items() if "backbone" in t}
    weights.save(
        tmp_path / "b.safetensors", weights.Pretrained("backbone", only, read.model, "tiny", "")
    )
    with pytest.raises(UserError, match="predicts no saliency"):
        load_model(tmp_path / "b.safetensors")


def test_what_is_nowhere_is_refused_before_the_network_is_made(tmp_path):
    check_start(Start(str(tmp_path), "imagenet-vgg16", offline=True))
    check_start(Start("", "", offline=False))
    for start in (Start("runs/nowhere", "", False), Start("", "nowhere.pth", False)):
        with pytest.raises(UserError, match=r"nowhere.* to start from is no file, no work folder"):
            check_start(start)
