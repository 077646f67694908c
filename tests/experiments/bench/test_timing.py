"""Programs are timed in turn, and their spread is reported."""

import numpy as np

from experiments.bench import timesteps, timing


def test_programs_take_turns_and_report_their_spread():
    order = []
    programs = {name: lambda name=name: order.append(name) or np.zeros(1) for name in "ab"}
    timed = timing.interleaved(programs, 2)
    assert "".join(order) == "ab" + "aabb" + "bbaa"  # the first call of each turn is not counted
    assert timed["a"].summary().keys() >= {"seconds", "seconds_quartiles", "compile_seconds"}
    assert timing.ratio([2.0, 4.0], [1.0, 1.0])["ratio"] == 3.0


def test_the_cost_of_a_further_timestep_is_the_slope():
    def seconds(start, slope):
        return {t: timing.Timed(0.0, [start + slope * t], None) for t in (1, 2, 4)}

    timed = {("samjax", t): value for t, value in seconds(1.0, 0.5).items()}
    timed |= {("jax as coded", t): value for t, value in seconds(0.5, 1.0).items()}
    found = timesteps.summarise(timed, (1, 2, 4))
    assert found["seconds"]["samjax"] == [1.5, 2.0, 3.0]
    np.testing.assert_allclose(found["marginal"]["jax as coded"]["seconds"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(found["shares"]["jax as coded"]["ratio"], 0.5, rtol=1e-12)
