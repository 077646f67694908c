"""Networks that are kept on disk: the same predictions, and nothing that is stale or damaged."""

import subprocess
import sys

import numpy as np
import pytest
from tiny_model import INPUT, save_tiny_model
from tolerance import assert_close, rounding

from samjax.parallel.compilation import FOLDER
from samjax.prediction import executables
from samjax.prediction.kept import KeptNetwork, keep
from samjax.prediction.kept_files import MOST, KeptFolder
from samjax.prediction.traced import TracedNetwork, network_of
from samjax.weights import load


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The cache, empty."""
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(FOLDER, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def weights(tmp_path):
    return save_tiny_model(tmp_path / "tiny.safetensors", timesteps=2)


def network(weights):
    """The kept network of a file, which may be built."""
    return keep(weights, lambda: network_of(load(weights)))


def not_built():
    raise AssertionError("the network was built anew")


def images(rng, batch=1):
    return rng.integers(0, 256, (batch, *INPUT, 3), np.uint8)


def same(one, other):
    for name, value in vars(one).items():
        if value is None:
            assert getattr(other, name) is None
        elif name == "priors":
            for a, b in zip(value, other.priors, strict=True):
                np.testing.assert_array_equal(a, b)
        else:
            # The same equations, of which the products are computed by other libraries: at most 20
            # layers, of at most 25 x 28 products.
            assert_close(getattr(other, name), value, rounding(25 * 28, layers=20))


def test_what_was_kept_predicts_like_the_traced_network_and_builds_nothing(cache, weights, rng):
    traced = network_of(load(weights))
    canvas = images(rng)
    first = network(weights)
    assert isinstance(first, KeptNetwork)
    first.run(canvas, 2, False)
    first.run(canvas, 1, True)
    again = keep(weights, not_built)
    assert again.facts == traced.facts
    for a, b in zip(again.priors, traced.priors, strict=True):
        np.testing.assert_array_equal(a, b)
    for timesteps, all_timesteps in ((2, False), (1, True)):
        same(
            traced.run(canvas, timesteps, all_timesteps),
            again.run(canvas, timesteps, all_timesteps),
        )
    # A batch is taken image by image; another number of timesteps was not kept, and must be built.
    again.run(images(rng, 2), 2, False)
    with pytest.raises(AssertionError, match="anew"):
        again.run(canvas, 3, False)


def test_a_damaged_file_counts_as_none_and_is_written_again(cache, weights, rng):
    canvas = images(rng)
    expected = network(weights).run(canvas, 2, False)
    folder = KeptFolder(weights).path
    kept = list(folder.iterdir())
    assert len(kept) == 4  # facts, variables, a program, and what was compiled of it
    for file in kept:
        content = file.read_bytes()
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    same(expected, network(weights).run(canvas, 2, False))
    same(expected, keep(weights, not_built).run(canvas, 2, False))


def test_other_weights_and_other_code_are_other_networks(cache, weights, tmp_path, monkeypatch):
    path = KeptFolder(weights).path
    other = save_tiny_model(tmp_path / "other.safetensors", timesteps=3)
    assert KeptFolder(other).path != path
    (tmp_path / "code" / "models").mkdir(parents=True)
    (tmp_path / "code" / "models" / "sam.py").write_text("changed")
    monkeypatch.setattr("samjax.prediction.kept_files.ROOT", tmp_path / "code")
    assert KeptFolder(weights).path != path


def test_the_oldest_networks_are_removed(cache, weights, tmp_path):
    folders = []
    for i in range(MOST + 2):
        other = tmp_path / f"{i}.safetensors"
        other.write_bytes(weights.read_bytes() + bytes([i]))
        folder = KeptFolder(other)
        folder.write("about.json", b"{}")
        folders.append(folder.path)
    assert len(list((cache / "networks").iterdir())) == MOST
    assert folders[-1].is_dir()


def test_without_a_place_to_keep_it_the_network_works(weights, tmp_path, rng, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "file" / "below"))
    canvas = images(rng)
    same(network_of(load(weights)).run(canvas, 1, False), network(weights).run(canvas, 1, False))


def test_nothing_is_kept_where_the_user_keeps_no_programs(cache, weights, monkeypatch):
    monkeypatch.setenv(FOLDER, "")
    assert isinstance(network(weights), TracedNetwork)
    assert not cache.exists()


def test_a_kept_network_imports_nothing_that_it_does_not_need(cache, weights, rng, tmp_path):
    network(weights).run(images(rng), 2, False)
    code = (
        "import sys, numpy as np, samjax\n"
        f"model = samjax.load({str(weights)!r})\n"
        f"print(model(np.zeros({(*INPUT, 3)}, np.uint8)).density.sum())\n"
        "unneeded = 'flax', 'grain', 'h5py', 'jaxtyping', 'orbax', 'scipy'\n"
        "print([name for name in unneeded if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    total, imported = done.stdout.splitlines()
    assert float(total) == pytest.approx(1, abs=1e-4)
    assert imported == "[]"


def test_a_program_that_jax_has_to_compile_itself_gives_the_same_bits(
    cache, weights, rng, tmp_path, monkeypatch
):
    canvas = images(rng)
    expected = network(weights).run(canvas, 2, False)
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "another"))
    # As in a version with another client.
    monkeypatch.setattr(executables, "_devices", lambda: None)
    output = network(weights).run(canvas, 2, False)
    np.testing.assert_array_equal(output.log_density, expected.log_density)
    assert not list(KeptFolder(weights).path.glob("*.executable"))


def test_a_version_of_xla_without_these_options_compiles_all_the_same(monkeypatch):
    monkeypatch.setattr(executables, "CPU_OPTIONS", {"xla_cpu_of_tomorrow": 1})
    executables.cpu_options.cache_clear()
    assert executables.jit_network(lambda x: x + 1, 1)(np.float32(1)) == 2
    executables.cpu_options.cache_clear()
