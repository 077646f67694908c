"""Arrays that all devices have come back as they were, written by all of them or by one."""

import jax
import numpy as np
import pytest

from samjax.parallel.mesh import make_mesh, replicated
from samjax.training import item_files


@pytest.mark.parametrize("least", [1, item_files.LEAST_SLICE])
def test_a_replicated_array_comes_back_in_slices_and_in_whole(tmp_path, rng, monkeypatch, least):
    monkeypatch.setattr(item_files, "LEAST_SLICE", least)
    values = {"even": rng.normal(size=(16, 3)), "odd": rng.normal(size=7), "one": np.float64(2.5)}
    sharding = replicated(make_mesh())
    tree = jax.tree.map(lambda a: jax.device_put(np.float32(a), sharding), values)
    item_files.save(tmp_path / "saved", {"params": tree}).result()
    abstract = jax.tree.map(
        lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype, sharding=a.sharding), tree
    )
    found = item_files.load(tmp_path / "saved", {"params": abstract})["params"]
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(found), jax.device_get(tree))
