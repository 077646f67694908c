"""Like is compared with like: networks that differ are refused, and PyTorch's is samjax's."""

import numpy as np
import pytest

from experiments.bench import contenders, plan, samjax_side, timing
from experiments.bench.case import NetworkCase, random_variables
from samjax.errors import UserError

TINY = NetworkCase("vgg_tiny", features=16, timesteps=2, gaussians=4, input_size=(32, 40))


def timed(value):
    return timing.Timed(0.0, [1.0], {"saliency": np.full((2, 2), value)})


def test_networks_that_differ_are_not_compared():
    same = {"samjax": timed(1.0), "pytorch eager": timed(1.00001)}
    assert contenders.check_agreement(same, TINY)["pytorch eager"]["saliency"] < 1e-4
    for value in (1.01, np.nan):
        with pytest.raises(UserError, match="they are not the same network"):
            contenders.check_agreement({"samjax": timed(1.0), "pytorch eager": timed(value)}, TINY)


@pytest.mark.skipif(not plan.has_torch(), reason="PyTorch is not installed (extra: bench)")
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
    assert max(found.values()) < contenders.TOLERANCE["float32"], found
