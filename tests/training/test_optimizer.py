"""Schedules by their definition, updates against plain NumPy, learning-rate factors by part."""

import jax
import numpy as np
import optax
import pytest

from samjax.errors import UserError
from samjax.training.optimizer import make_optimizer, make_schedule

PARAMS = {
    "backbone": {"conv": {"kernel": np.ones((2, 3), np.float32), "bias": np.ones(3, np.float32)}},
    "readout": {"kernel": np.full((2, 2), 2.0, np.float32)},
}
GRADIENTS = jax.tree.map(
    lambda p: np.float32(0.1) * (1 + np.arange(p.size, dtype=np.float32).reshape(p.shape)), PARAMS
)


def update(tx, params=PARAMS, gradients=GRADIENTS, times=1):
    state = tx.init(params)
    for _ in range(times):
        updates, state = tx.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
    return params


def test_rmsprop_is_the_releases():
    tx = make_optimizer("rmsprop", make_schedule("constant", 1e-2, 10))
    got = update(tx, times=3)["readout"]["kernel"]
    g, p, average = GRADIENTS["readout"]["kernel"], PARAMS["readout"]["kernel"], 0.0
    for _ in range(3):
        average = 0.9 * average + 0.1 * g**2
        p = p - 1e-2 * g / (np.sqrt(average) + 1e-8)
    np.testing.assert_allclose(got, p, rtol=1e-5)


def test_staircase_divides_by_ten_at_each_boundary():
    schedule = make_schedule("staircase", 1e-4, 100, boundaries=(30, 60))
    np.testing.assert_allclose([schedule(i) for i in (0, 29, 31, 59, 61)],
                               [1e-4, 1e-4, 1e-5, 1e-5, 1e-6], rtol=1e-5)  # fmt: skip


def test_warmup_cosine_rises_and_falls_to_zero():
    schedule = make_schedule("warmup_cosine", 1.0, 100, warmup=10)
    assert schedule(0) == 0
    assert schedule(10) == pytest.approx(1)
    assert schedule(55) == pytest.approx(0.5, abs=1e-6)
    assert schedule(100) == pytest.approx(0, abs=1e-6)


def test_a_factor_scales_the_updates_of_its_part_only():
    plain, slow = (
        update(make_optimizer("adamw", make_schedule("constant", 1e-2, 1), factors=f))
        for f in ({}, {"backbone": 0.1})
    )
    moved = jax.tree.map(lambda a, b: a - b, plain, PARAMS)
    moved_slow = jax.tree.map(lambda a, b: a - b, slow, PARAMS)
    np.testing.assert_allclose(
        moved_slow["backbone"]["conv"]["kernel"],
        0.1 * moved["backbone"]["conv"]["kernel"],
        rtol=1e-4,
    )
    np.testing.assert_array_equal(moved_slow["readout"]["kernel"], moved["readout"]["kernel"])


def test_a_factor_of_zero_freezes_its_part():
    tx = make_optimizer(
        "adamw", make_schedule("constant", 1e-2, 1), weight_decay=0.1, factors={"backbone": 0.0}
    )
    after = update(tx, times=3)
    jax.tree.map(np.testing.assert_array_equal, after["backbone"], PARAMS["backbone"])


def test_weight_decay_spares_biases():
    zero = jax.tree.map(np.zeros_like, GRADIENTS)
    tx = make_optimizer("adamw", make_schedule("constant", 1e-2, 1), weight_decay=0.5)
    after = update(tx, gradients=zero)
    np.testing.assert_array_equal(after["backbone"]["conv"]["bias"], 1)
    np.testing.assert_allclose(after["backbone"]["conv"]["kernel"], 1 - 0.5e-2, rtol=1e-6)


def test_accumulating_equals_one_update_with_the_mean_gradient():
    tx = make_optimizer("adamw", make_schedule("constant", 1e-2, 1), accumulate=2)
    state, params = tx.init(PARAMS), PARAMS
    for factor in (0.5, 1.5):
        gradients = jax.tree.map(lambda g, f=factor: f * g, GRADIENTS)
        updates, state = tx.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
    once = update(make_optimizer("adamw", make_schedule("constant", 1e-2, 1)))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), params, once)


def test_clipping_bounds_the_norm_of_the_whole_gradient():
    seen = {}

    def spy(updates, params):
        seen["norm"] = optax.tree.norm(updates)
        return updates

    tx = make_optimizer("rmsprop", make_schedule("constant", 1.0, 1), clip_norm=0.25)
    clip = optax.chain(optax.clip_by_global_norm(0.25), optax.stateless(spy))
    clip.update(GRADIENTS, clip.init(PARAMS), PARAMS)
    assert seen["norm"] == pytest.approx(0.25, rel=1e-5)
    clipped = jax.tree.map(lambda g: g * 0.25 / optax.tree.norm(GRADIENTS), GRADIENTS)
    bare = make_optimizer("rmsprop", make_schedule("constant", 1.0, 1))
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4),
        update(tx),
        update(bare, gradients=clipped),
    )


@pytest.mark.parametrize("name", ["sgd", ""])
def test_an_unknown_name_is_told_with_the_known_ones(name):
    with pytest.raises(UserError, match="rmsprop, adamw"):
        make_optimizer(name, make_schedule("constant", 1, 1))
    with pytest.raises(UserError, match="warmup_cosine"):
        make_schedule(name, 1, 1)
