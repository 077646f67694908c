import jax
import numpy as np
import pytest
from flax.traverse_util import flatten_dict
from weight_files import RESNET50, VGG16, VGG_TINY, network

from samjax.errors import UserError
from samjax.models import SAM
from samjax.weights import Pretrained, is_paper, merge_pretrained


def weights(backbone="vgg_tiny"):
    fields, _, variables = network(backbone)
    return Pretrained("sam", variables, fields, "tiny.pkl", "")


def zeros(backbone="vgg_tiny"):
    return jax.tree.map(np.zeros_like, network(backbone).variables)


def test_grafting_all_parts_replaces_every_array():
    grafted = flatten_dict(merge_pretrained(zeros(), weights(), SAM(**VGG_TINY)))
    assert all(grafted[path] is array for path, array in weights().flat().items())


def test_grafting_some_parts_leaves_the_others():
    grafted = flatten_dict(
        merge_pretrained(zeros(), weights(), SAM(**VGG_TINY), ("backbone", "readout"))
    )
    changed = {path[1] for path, array in grafted.items() if array.any()}
    assert changed == {"backbone", "readout"}


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("normalization", "torchvision", "backbone"),
        ("attention_scale", "mean", "attentive_convlstm"),
        ("priors", "sigmoid", "prior_block1"),
        ("readout", "density", "readout"),
        ("alignment", "half_pixel", "readout"),
    ],
)
def test_a_part_is_refused_where_a_field_gives_it_another_meaning(field, value, part):
    model = SAM(**{**VGG_TINY, field: value})
    message = f"needs model.{field}=.*; set --config.model.{field}="
    with pytest.raises(UserError, match=message):
        merge_pretrained(zeros(), weights(), model)
    others = {"backbone", "attentive_convlstm", "readout"} - {part}
    merge_pretrained(zeros(), weights(), model, tuple(others))


def test_another_shape_names_the_variable():
    model = SAM(**{**VGG_TINY, "features": 12})
    variables = zeros()
    variables["params"]["readout"]["kernel"] = np.zeros((1, 1, 12, 1))
    with pytest.raises(UserError, match=r"params/readout/kernel is \(1, 1, 24, 1\), the model has"):
        merge_pretrained(variables, weights(), model)


def test_the_paper_preset_has_any_number_of_timesteps_and_ignores_unused_fields():
    assert is_paper({**VGG16, "timesteps": 1, "stride_on": "3x3"})
    assert is_paper({**RESNET50, "norm": "batch"})
    assert not is_paper({**RESNET50, "stride_on": "3x3"})
    assert not is_paper({**VGG16, "norm": "batch"})
