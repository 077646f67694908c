"""Like is compared with like: networks that differ are refused, and PyTorch's is samjax's."""

import numpy as np
import pytest

from experiments.bench import contenders, processor, samjax_side, timing
from experiments.bench.case import NetworkCase, bundled_case, random_variables, variables_of
from experiments.bench.tasks import make_tasks
from samjax.errors import UserError

TINY = NetworkCase("vgg_tiny", features=16, timesteps=2, gaussians=4, input_size=(32, 40))

# Of sums over some hundred to some thousand float32 products in each of a dozen layers.
ROUNDING = 1e-4


def timed(value):
    return timing.Timed(0.0, [1.0], {"saliency": np.full((2, 2), value)})


def test_networks_that_differ_are_not_compared():
    same = {"samjax": timed(1.0), "pytorch eager": timed(1.00001)}
    assert contenders.check_agreement(same, TINY)["pytorch eager"]["saliency"] < 1e-4
    for value in (1.01, np.nan):
        with pytest.raises(UserError, match="they are not the same network"):
            contenders.check_agreement({"samjax": timed(1.0), "pytorch eager": timed(value)}, TINY)


@pytest.mark.skipif(not contenders.has_torch(), reason="PyTorch is not installed (extra: bench)")
@pytest.mark.parametrize("kind", ["predict", "train_step"])
@pytest.mark.parametrize(
    ("backbone", "features"),
    [
        ("vgg_tiny", 16),
        ("resnet_tiny", 16),
        pytest.param("vgg16", 512, marks=pytest.mark.slow),
        pytest.param("resnet50", 512, marks=pytest.mark.slow),
    ],
)
def test_pytorchs_network_is_samjaxs(backbone, features, kind):
    from experiments.bench import torch_side

    case = TINY._replace(backbone=backbone, features=features)
    variables = random_variables(case)
    ours = getattr(samjax_side, kind)(case, variables)
    theirs = getattr(torch_side, kind)(case, variables, "eager")
    timed = timing.interleaved({"samjax": ours, "pytorch eager": theirs}, 0)
    found = contenders.differences(timed)["pytorch eager"]
    assert max(found.values()) < ROUNDING, found


@pytest.fixture(scope="module")
def of_the_bundled_model(tmp_path_factory):
    """How far each contender that is installed is from samjax with the bundled model."""
    # Odd numbers of rows and columns: its strided convolutions pad by what the size leaves.
    case = bundled_case("sam-small")._replace(input_size=(38, 54), batch=2)
    variables, folder = variables_of(case), tmp_path_factory.mktemp("exported")
    programs = {}
    for name in contenders.names("predict", every=False):
        contenders.prepare(name, case, variables, folder)
        programs[name] = contenders.make_program(name, "predict", case, variables, folder)
    return contenders.differences(timing.interleaved(programs, 0))


@pytest.mark.parametrize("name", ["pytorch eager", *contenders.RUNTIMES])
def test_the_bundled_model_is_the_same_network_to_all(name, request):
    for package in contenders.RUNTIMES.get(name, ("torch",)):
        if not contenders.has(package):
            pytest.skip(f"{package} is not installed (extra: bench)")
    # Only now: it compiles, in vain where nobody else is installed.
    found = request.getfixturevalue("of_the_bundled_model")[name]
    assert set(found) == {"saliency", "attention"}
    # The maps are a softmax of sums over some hundred float32 products per layer.
    assert max(found.values()) < ROUNDING, found


@pytest.mark.skipif(not contenders.has_torch(), reason="PyTorch is not installed (extra: bench)")
def test_the_small_yardstick_has_the_size_and_the_output_that_are_told():
    import torch

    from experiments.bench.torch_mobilenet import UnisalSize

    model = UnisalSize().eval()
    count = sum(values.numel() for values in model.parameters())
    assert 3.1e6 < count < 3.3e6  # 3.7 million with the recurrence for videos
    with torch.inference_mode():
        found = model(torch.zeros((2, 3, 64, 96), dtype=torch.uint8)).saliency
    assert found.shape == (2, 64, 96)
    np.testing.assert_allclose(np.exp(found.numpy()).sum((1, 2)), 1, rtol=1e-4)


def test_who_is_not_installed_is_told_with_what_to_install(monkeypatch):
    there = {"torch", "onnx", "onnxscript", "openvino"}
    monkeypatch.setattr(contenders, "has", lambda *packages: there.issuperset(packages))
    cure = "left out, onnxruntime not installed; run pip install '.[bench]'"
    assert contenders.absent() == {"onnxruntime": cure}
    assert contenders.names("predict", every=False) == ["samjax", "pytorch eager", "openvino"]
    assert contenders.names("train_step", every=False) == ["samjax", "pytorch eager"]
    monkeypatch.setattr(contenders, "has", lambda *packages: False)
    assert contenders.names("predict") == ["samjax"]


def test_bfloat16_is_compared_where_the_processor_has_it(monkeypatch):
    for has_it in (True, False):
        monkeypatch.setattr(processor, "has_bfloat16", lambda has_it=has_it: has_it)
        tasks = make_tasks(["sam-vgg"], quick=False, dtype="float32", train_batch=1)
        names = [task.name for task in tasks]
        assert names[:2] == ["SAM-VGG, predict, batch 1", "SAM-VGG, train_step, batch 1"]
        assert ("SAM-VGG, predict, batch 1, bfloat16" in names) == has_it
