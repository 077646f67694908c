"""A name that the network does not know is an error, and never another network."""

import jax
import jax.numpy as jnp
import pytest

from samjax.errors import UserError
from samjax.models import SAM
from samjax.models.attentive_cell import AttentiveConvLSTMCell
from samjax.models.backbones import NORM_STATISTICS
from samjax.models.fields import CHOICES, RANGES
from samjax.models.priors import LearnedPriors
from samjax.models.readout import read_out
from samjax.models.sam import map_size

NAMES = {field: names for field, names in CHOICES.items() if field != "dilated"}
NAMES["norm_statistics"] = NORM_STATISTICS
TINY = {"features": 4, "gaussians": 1, "timesteps": 1}


@pytest.mark.parametrize("field", NAMES)
def test_an_unknown_name_is_an_error_with_the_known_ones(field):
    fields = {"backbone": "resnet_tiny" if field == "stride_on" else "vgg_tiny", **TINY}
    typo = f"{NAMES[field][0]}x"
    with pytest.raises(UserError, match=f"{field}='{typo}' is unknown .*use .*{NAMES[field][-1]}"):
        map_size(SAM(**{**fields, field: typo}), (32, 40))


def test_the_parts_by_themselves_know_no_other_names_either():
    with pytest.raises(UserError, match=r"readout='rleu' .*did you mean relu"):
        read_out(jnp.zeros((1, 2, 2)), "rleu", 2, "paper")
    with pytest.raises(UserError, match=r"priors='sigmoit' .*did you mean sigmoid"):
        LearnedPriors(2, "sigmoit").init(jax.random.key(0))
    with pytest.raises(UserError, match=r"priors='None' is unknown"):
        LearnedPriors(0, "None").init(jax.random.key(0))
    cell = AttentiveConvLSTMCell(2, "means")
    with pytest.raises(UserError, match=r"attention_scale='means' .*did you mean mean"):
        cell._convolve_attended(jnp.ones((1, 2, 2, 1)), (jnp.ones((1, 2, 2, 8)),) * 9)


def test_every_field_that_a_file_tells_is_one_of_the_network():
    assert {*CHOICES, *RANGES} <= set(SAM.__dataclass_fields__)
