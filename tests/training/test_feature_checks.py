"""What cached features and fixed views do not go together with is told in one line."""

import pytest

from configs import base
from samjax.errors import UserError
from samjax.training.config_check import check_config
from samjax.training.feature_checks import check_processes


def cached(**fields):
    """A config that caches features, with other values of some fields."""
    config = base.get_config()
    config.train.cache_features = True
    config.train.factors.backbone = 0.0
    config.augment.views = 2
    for name, value in fields.items():
        *sections, field = name.split("__")
        section = config
        for part in sections:
            section = section[part]
        section[field] = value
    return config


def test_a_frozen_backbone_with_fixed_views_is_accepted():
    check_config(cached())
    check_config(cached(augment__views=1, augment__flip=False))
    check_config(cached(augment__views=6, augment__zoom=(0.8, 1.5), augment__grey=0.1))
    check_config(cached(model__norm="batch", model__norm_statistics="running"))
    check_config(cached(model__backbone="resnet50", model__norm_statistics="frozen"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"train__factors__backbone": 0.1}, r"factors.backbone=0.1; set .*factors.backbone=0.0"),
        ({"augment__views": 0}, r"augment.views=0 draws them anew; set --config.augment.views"),
        ({"model__norm": "batch"}, r"go with the batch; set .*norm_statistics=frozen"),
        ({"model__backbone": "resnet50"}, r"go with the batch; set .*norm_statistics=frozen"),
        ({"distill__teacher": "runs/x.safetensors"}, r"teacher has to see them; set .*teacher=''"),
        (
            {"distill__teacher": "runs/x.safetensors", "distill__mix": 0.3},
            r"teacher has to see them",
        ),
        ({"train__space": 2}, r"train.space=2 divides them; set --config.train.space=1"),
        ({"data__data_dir": "s3://bucket/data"}, r"'s3://bucket/data' is an address; copy them"),
    ],
)
def test_what_cannot_be_cached_is_refused(fields, message):
    with pytest.raises(UserError, match=message) as caught:
        check_config(cached(**fields))
    assert str(caught.value).startswith("train.cache_features=True ")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"augment__views": 1}, r"views=1 is .* so augment.flip=True does nothing; set .*views=2"),
        (
            {"augment__zoom": (0.8, 1.5)},
            r"views=2 .* so augment.zoom=\(0.8, 1.5\) does nothing; set .* above 2 or .*zoom=\(1.0",
        ),
        ({"augment__saturation": 0.1}, r"so augment.saturation=0.1 does nothing"),
        ({"augment__views": 5}, r"views=5 are more than .*, and nothing draws others; set .*=2"),
    ],
)
@pytest.mark.parametrize("features", [True, False])
def test_views_that_the_augmentation_does_not_give_are_refused(fields, message, features):
    with pytest.raises(UserError, match=message):
        check_config(cached(**fields, train__cache_features=features))


def test_several_processes_are_refused():
    check_processes(cached(), 1)
    check_processes(base.get_config(), 2)
    with pytest.raises(UserError, match=r"works in one process, .* and here are 2; set"):
        check_processes(cached(), 2)
