"""The full-width networks against the numbers of the released code.

`tests/golden/sam_weights.py` says where the numbers come from.
"""

import importlib.util
from pathlib import Path

import jax
import numpy as np
import pytest
from weight_files import RESNET50, VGG16

from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.weights import original
from samjax.weights.pretrained import shapes

GOLDEN = Path(__file__).parents[1] / "golden"
# Of an array's largest value: 10 to 50 times what float32 loses, 1/100 of the mildest mistake.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def recipe():
    spec = importlib.util.spec_from_file_location("sam_weights", GOLDEN / "sam_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def golden_numbers(loaded, image, timesteps):
    """Return what `sam_network.npz` holds, of one image."""
    model = SAM(**{**loaded.model, "timesteps": timesteps}, backend=resolve())

    @jax.jit
    def apply(variables, images):
        return model.apply(
            variables,
            images,
            all_timesteps=True,
            capture_intermediates=lambda module, _: module.name == "backbone",
            mutable=["intermediates"],
        )

    output, captured = apply(loaded.variables, image[None])
    features = captured["intermediates"]["backbone"]["__call__"][0]
    priors = [p.transpose(2, 0, 1)[:, ::3, ::3] for p in output.priors]
    return {
        "attention": output.attention,
        "prior1": priors[0],
        "prior2": priors[1],
        "low": output.saliency[:, None, 7::16, 7::16],  # where the upsampling hits the cells
        "map": output.saliency[:, None, ::8, ::8],
        "backbone_channel_mean": features.mean(axis=(1, 2)),
        "hidden_rms_per_step": np.sqrt((np.float64(output.hidden) ** 2).mean(axis=(2, 3, 4))),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "seed", "cases"),
    [
        ("vgg", 1, [(240, 320, 4), (120, 160, 1)]),
        ("vgg", 2, [(128, 160, 2)]),
        ("resnet", 1, [(240, 320, 4)]),
        ("resnet", 2, [(128, 160, 3)]),
    ],
)
def test_released_code_gives_the_same_numbers(recipe, tmp_path, version, seed, cases):
    weights = recipe.calibrate(recipe.draw(version, seed), version, seed)
    recipe.write(tmp_path / "w.pkl", weights, version, under_model_weights=seed == 2)
    loaded = original.load(tmp_path / "w.pkl")
    (tmp_path / "w.pkl").unlink()  # hundreds of megabytes
    for rows, columns, timesteps in cases:
        got = golden_numbers(loaded, recipe.synthetic(seed, rows, columns), timesteps)
        prefix = f"{version}-seed{seed}-{rows}x{columns}-T{timesteps}/"
        with np.load(GOLDEN / "sam_network.npz") as file:
            golden = {key: file[key] for key in file.files if key.startswith(prefix)}
        assert len(golden) >= 6
        for key, wanted in golden.items():
            value = got[key.removeprefix(prefix)]
            np.testing.assert_allclose(
                value, wanted, rtol=0, atol=TOLERANCE * np.abs(wanted).max(), err_msg=key
            )


@pytest.mark.parametrize(
    ("fields", "trainable", "statistics"),
    [(VGG16, 51_835_841, 0), (RESNET50, 70_093_441, 53_120)],
    ids=["vgg16", "resnet50"],
)
def test_parameter_totals_are_the_releases(fields, trainable, statistics):
    counts = {"params": 0, "batch_stats": 0}
    for path, shape in shapes(fields).items():
        counts[path[0]] += int(np.prod(shape))
    assert counts == {"params": trainable, "batch_stats": statistics}


def test_golden_numbers_are_of_the_recipes_layers(recipe):
    """The recipe's files have the released layout, whose widths the loader knows by itself."""
    for version, fields in (("vgg", VGG16), ("resnet", RESNET50)):
        total = sum(int(np.prod(shape)) for _, ts in recipe.layers(version) for _, shape in ts)
        assert total == sum(int(np.prod(shape)) for shape in shapes(fields).values())
