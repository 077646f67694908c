"""Mixtures: what is trained on is not validated on, and every position has its image's name."""

import numpy as np
from tiny_training import tiny_config

from samjax.data.mixture import (
    TRAINED_ON,
    VALIDATED_ON,
    count_images,
    image_names,
    open_mixture,
)
from samjax.training.config import open_part


def test_a_config_trains_on_what_it_does_not_validate_on(data_dir):
    config = tiny_config(data_dir)
    config.data.update(folds=4, fold=2)
    trained, validated = (
        {source.image_id(i) for i in range(len(source))}
        for source in (
            open_part(config, TRAINED_ON)[0].source,
            open_part(config, VALIDATED_ON)[0].source,
        )
    )
    assert (len(trained), len(validated)) == (18, 6)
    assert not trained & validated


def test_positions_count_through_the_sources_one_after_the_other(data_dir):
    (train,) = open_mixture("synthetic", "train", data_dir)
    (validation,) = open_mixture("synthetic:2", "validation", data_dir)
    mixture = (train, validation._replace(name="other"))
    assert (count_images(mixture), validation.weight) == (30, 2.0)
    names = image_names(mixture, np.array([0, 23, 24, 29]))
    expected = [("synthetic", train, 0), ("synthetic", train, 23)]
    expected += [("other", validation, 0), ("other", validation, 5)]
    assert names == [f"{name}/{entry.source.image_id(i)}" for name, entry, i in expected]
