"""The arrays of a file are merged into the models that they were made for, and into no others."""

import jax
import numpy as np
import pytest
from flax.traverse_util import flatten_dict
from weight_files import RESNET50, RESNET_TINY, VGG16, VGG_TINY, network, tiny_weights

from samjax.errors import UserError
from samjax.models import SAM
from samjax.weights import Pretrained, is_paper, merge_pretrained


def zeros(backbone="vgg_tiny"):
    return jax.tree.map(np.zeros_like, network(backbone).variables)


def test_merging_all_parts_replaces_every_array():
    merged = flatten_dict(merge_pretrained(zeros(), tiny_weights(), SAM(**VGG_TINY)))
    assert all(merged[path] is array for path, array in tiny_weights().flat().items())


def test_merging_some_parts_leaves_the_others():
    merged = flatten_dict(
        merge_pretrained(zeros(), tiny_weights(), SAM(**VGG_TINY), ("backbone", "readout"))
    )
    changed = {path[1] for path, array in merged.items() if array.any()}
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
        merge_pretrained(zeros(), tiny_weights(), model)
    others = {"backbone", "attentive_convlstm", "readout"} - {part}
    merge_pretrained(zeros(), tiny_weights(), model, tuple(others))


def test_a_backbone_is_merged_only_into_the_model_it_was_made_for():
    model = {"backbone": "resnet_tiny", "stride_on": "3x3", "normalization": "torchvision"}
    variables = network("resnet_tiny").variables
    tree = {name: {"backbone": part["backbone"]} for name, part in variables.items()}
    weights = Pretrained("backbone", tree, model, "backbone.pth", "")
    fields = {**RESNET_TINY, **model}
    merged = flatten_dict(merge_pretrained(zeros("resnet_tiny"), weights, SAM(**fields)))
    own = {path for path, array in merged.items() if array.any()}
    assert own == {path for path in merged if path[1] == "backbone" and weights.flat()[path].any()}
    assert own
    for field, value in (("stride_on", "1x1"), ("normalization", "caffe"), ("backbone", "vgg16")):
        with pytest.raises(UserError, match=f"set --config.model.{field}="):
            merge_pretrained(zeros("resnet_tiny"), weights, SAM(**{**fields, field: value}))


def test_another_shape_names_the_variable():
    model = SAM(**{**VGG_TINY, "features": 12})
    variables = zeros()
    variables["params"]["readout"]["kernel"] = np.zeros((1, 1, 12, 1))
    with pytest.raises(UserError, match=r"params/readout/kernel is \(1, 1, 24, 1\), the model has"):
        merge_pretrained(variables, tiny_weights(), model)


def test_the_paper_preset_has_any_number_of_timesteps_and_ignores_unused_fields():
    assert is_paper({**VGG16, "timesteps": 1, "stride_on": "3x3"})
    assert is_paper({**RESNET50, "norm": "batch"})
    assert not is_paper({**RESNET50, "stride_on": "3x3"})
    assert not is_paper({**VGG16, "norm": "batch"})
