"""The predictor of one image, and the networks that it is loaded from."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from tiny_model import FIELDS, INPUT, SAM_TINY, save_tiny_model, tiny_variables

from samjax import bundled
from samjax.cli import main
from samjax.errors import UserError
from samjax.models import SAM
from samjax.prediction import predictor
from samjax.prediction.predictor import Predictor, load_model
from samjax.prediction.traced import TracedNetwork
from samjax.weights import Pretrained, save


@pytest.fixture
def photo(tmp_path, rng):
    path = tmp_path / "photo.png"
    Image.fromarray(rng.integers(0, 256, (40, 50, 3), np.uint8)).save(path)
    return path


def test_command_and_predictor_give_the_same_bits(weights_file, photo, tmp_path):
    command = ["predict", "--weights", str(weights_file), "--output", str(tmp_path), str(photo)]
    assert main(command) == 0
    saliency = load_model(weights_file)(photo)
    np.testing.assert_array_equal(saliency.density, np.load(tmp_path / "photo.npy"))
    assert main([*command, "--timesteps=2", "--all-timesteps"]) == 0
    timesteps = load_model(weights_file)(photo, timesteps=2).timesteps
    for t in (1, 2):
        np.testing.assert_array_equal(timesteps[t - 1], np.load(tmp_path / f"photo_t{t}.npy"))


def test_a_map_that_is_no_density_is_the_commands_over_its_sum(photo, tmp_path):
    weights = save_tiny_model(tmp_path / "relu.safetensors", readout="relu")
    assert main(["predict", "--weights", str(weights), "--output", str(tmp_path), str(photo)]) == 0
    written = np.load(tmp_path / "photo.npy")
    density = load_model(weights)(photo).density
    assert written.any()
    # The density is divided before it is enlarged: two more roundings to float32.
    np.testing.assert_allclose(density, written / written.sum(dtype="f8"), rtol=1e-6)


def test_paths_images_and_arrays_give_the_same_bits(model, photo):
    with Image.open(photo) as image:
        maps = [model(source).density for source in (photo, str(photo), image, np.asarray(image))]
    for density in maps[1:]:
        np.testing.assert_array_equal(density, maps[0])


def test_a_batch_is_no_image(model):
    with pytest.raises(UserError, match="predict_batch"):
        model(np.zeros((2, *INPUT, 3), np.uint8))


def test_an_image_is_shown_on_the_canvas_of_its_aspect():
    shown = Predictor(
        TracedNetwork(SAM_TINY, tiny_variables(), (48, 64), "tiny", buckets=[(64, 48)])
    )
    assert shown.to_canvas(np.zeros((30, 40, 3), np.uint8)).shape == (48, 64, 3)
    assert shown.to_canvas(np.zeros((40, 30, 3), np.uint8)).shape == (64, 48, 3)


def test_facts_of_the_model(model):
    assert (model.input_size, model.map_size) == (INPUT, (12, 16))
    assert model.density
    assert model.parameters == sum(a.size for a in _leaves(tiny_variables()["params"]))


def _leaves(tree):
    for value in tree.values():
        yield from _leaves(value) if isinstance(value, dict) else [value]


def test_timesteps_need_a_recurrence(photo):
    flat = Predictor(
        TracedNetwork(SAM(**{**FIELDS, "timesteps": 0}), tiny_variables(), INPUT, "flat.pkl")
    )
    with pytest.raises(UserError, match=r"flat\.pkl has no recurrence to take 2 timesteps"):
        flat(photo, timesteps=2)


def test_a_batch_without_images_is_refused(model):
    with pytest.raises(UserError, match="a batch of 0 images"):
        model.predict_batch(np.zeros((0, *INPUT, 3), np.uint8))


def test_impossible_timesteps_are_refused(model, photo):
    for timesteps in (-1, 10**6):
        with pytest.raises(UserError, match=f"timesteps={timesteps} is not possible; use 1 to 100"):
            model(photo, timesteps=timesteps)


@pytest.fixture
def box(weights_file, monkeypatch, tmp_path):
    """The tiny model in the place of the bundled one, of which nothing was told yet."""
    (tmp_path / f"{bundled.NAME}.safetensors").symlink_to(weights_file)
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    predictor._tell.cache_clear()


def test_without_a_source_it_is_the_bundled_model_told_once(box, weights_file, photo, capsys):
    maps = [load_model()(photo).density for _ in range(2)]
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert f"the bundled model {bundled.NAME} (input 48x64" in told.err
    assert "--weights" in told.err
    assert not told.out
    np.testing.assert_array_equal(maps[0], load_model(weights_file)(photo).density)
    assert not capsys.readouterr().err


def test_the_command_without_weights_takes_the_bundled_model(box, photo, tmp_path, capsys):
    assert main(["predict", "--output", str(tmp_path), str(photo)]) == 0
    assert capsys.readouterr().err.count("bundled model") == 1
    np.testing.assert_array_equal(np.load(tmp_path / "photo.npy"), load_model()(photo).density)


def test_predicting_from_a_file_imports_no_training():
    code = (
        "import sys, samjax.commands.predict, samjax.prediction.predict\n"
        "heavy = ('orbax', 'optax', 'tensorflow_datasets', 'h5py', 'samjax.training')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_backbone_predicts_nothing(tmp_path):
    variables = {"params": {"backbone": tiny_variables()["params"]["backbone"]}}
    fields = {"backbone": "vgg_tiny", "normalization": "caffe"}
    save(tmp_path / "b.safetensors", Pretrained("backbone", variables, fields, "", ""))
    with pytest.raises(UserError, match="holds a backbone only"):
        load_model(tmp_path / "b.safetensors")
