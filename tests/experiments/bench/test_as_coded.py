"""The release's plain equations give samjax's recurrence."""

import jax
import numpy as np
import pytest

from experiments.bench import as_coded
from experiments.bench.case import NetworkCase, random_variables
from samjax.models.attentive_convlstm import AttentiveConvLSTM

TINY = NetworkCase("vgg_tiny", features=16, timesteps=2, gaussians=2, input_size=(32, 40))


# At full width samjax takes other convolutions (Winograd's).
@pytest.mark.parametrize("features", [16, pytest.param(512, marks=pytest.mark.slow)])
def test_the_plain_equations_give_the_recurrence(features):
    case = TINY._replace(features=features)
    variables = random_variables(case)["params"]["attentive_convlstm"]
    image = np.random.default_rng(0).random((1, *case.grid, features), np.float32)
    params, x = jax.device_put((variables, image))
    module = AttentiveConvLSTM(features, case.timesteps)

    def ours(params, x):
        return module.apply({"params": params}, x).hidden[:, -1]

    hidden = jax.jit(ours)(params, x)
    coded = as_coded.recurrence(params, x, case.timesteps)
    # float32 keeps 1e-7 of a sum's largest term; sums over 9 F inputs, Winograd's transforms and
    # two timesteps of sigmoids multiply that by some hundred. A wrong equation is off by 1e-1.
    assert np.abs(coded - hidden).max() <= 1e-4 * np.abs(hidden).max()
