"""Cached features: what they are, who shares them, and what happens to a damaged shard."""

import functools
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from tiny_training import prepare, tiny_config
from trained import build_once

from samjax.data import stored_features
from samjax.data.decoding import DecodedSource
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.rendering import Render
from samjax.data.synthetic.scenes import SceneSpec
from samjax.data.views import FixedViews
from samjax.errors import UserError
from samjax.files.lock import locked
from samjax.models.features import backbone_features
from samjax.training import feature_cache
from samjax.training.config import read_experiment
from samjax.training.feature_cache import Features, cached_features
from samjax.training.feature_parts import identify_backbone, list_parts
from samjax.training.feature_shards import find_shards

ONE_DEVICE = jax.devices()[:1]


def config_of(data_dir, folder, **train):
    config = tiny_config(data_dir, cache_features=True, cache_dir=str(folder), **train)
    config.model.norm_statistics = "running"
    config.train.factors.backbone = 0.0
    config.augment.views = 4
    return config


@functools.cache
def shapes_of(model, size: tuple[int, int]) -> dict:
    """The shapes of a network's variables, traced once for all tests."""
    images = jax.ShapeDtypeStruct((1, *size, 3), "uint8")
    return jax.eval_shape(model.init, jax.random.key(0), images)


def state_of(experiment, seed=1) -> SimpleNamespace:
    """A state with random values, which need not be compiled; the backbone's go with the seed."""

    def draw(path: tuple, leaf: jax.ShapeDtypeStruct) -> np.ndarray:
        rng = np.random.default_rng((seed, *jax.tree_util.keystr(path).encode()))
        if leaf.ndim < 4:
            return rng.uniform(0.5, 1.5, leaf.shape).astype(np.float32)
        fan_in = np.prod(leaf.shape[:3])
        return (rng.normal(size=leaf.shape) * np.sqrt(2 / fan_in)).astype(np.float32)

    values = jax.tree.map_with_path(draw, shapes_of(experiment.model, experiment.input_size))
    return SimpleNamespace(params=values["params"], batch_stats=values["batch_stats"])


def never() -> None:
    """Nobody asks to stop."""


def make(config, devices=ONE_DEVICE, seed=1, check_stop=never) -> Features:
    experiment = read_experiment(config, devices)
    return cached_features(experiment, state_of(experiment, seed), Path("unused/run"), check_stop)


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """The shards in a folder, with what would change if they were written again."""
    found = sorted(folder.rglob("*.npy"))
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in found
    }


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    """Several shards of the few tiny images: 7 rows in each."""
    monkeypatch.setattr(stored_features, "SHARD_BYTES", 7 * (56 + 4 * 5 * 24 * 2))


@pytest.fixture
def filled(data_dir, tmp_path_factory, small_shards) -> Path:
    """A folder that has the features of `config_of`; it is shared, and must not change."""
    return build_once(
        tmp_path_factory, "features", lambda folder: make(config_of(data_dir, folder))
    )


def test_rows_are_the_features_of_the_views(data_dir, tmp_path):
    config = config_of(data_dir, tmp_path, cache_dtype="float32")
    experiment = read_experiment(config, ONE_DEVICE)
    state = state_of(experiment)
    features = cached_features(experiment, state, Path("unused"), never)
    ((training,),), ((validation,),) = features
    assert len(list(tmp_path.rglob("*.npy"))) == training.layout.shards + validation.layout.shards
    assert training.layout.shards > 5
    (canvas,) = experiment.canvases
    images = DecodedSource(experiment.training[0].source, range(24))
    views = FixedViews(Render(*canvas), experiment.augment)
    variables = {"params": state.params, "batch_stats": state.batch_stats}
    network = jax.jit(lambda v, x: backbone_features(experiment.model, v, x))
    for row in (0, 1, 6, 7, 50, 95):
        image, view = divmod(row, 4)
        window, element = views.show(images[image], view)
        found = training.read(image, view)
        assert found.window == window
        expected = network(variables, element["image"][None])[0]
        # The same sums; a batch of another size may be added up in another order.
        np.testing.assert_allclose(found.features, expected, rtol=1e-5, atol=1e-5)
    shown = Render(*canvas).letterboxed(DecodedSource(experiment.validation[0].source, [5])[0])
    expected = network(variables, shown["image"][None])[0]
    np.testing.assert_allclose(validation.read(5, 0).features, expected, rtol=1e-5, atol=1e-5)


def test_runs_with_the_same_backbone_data_and_views_share_them(data_dir, filled):
    before = files(filled)
    config = config_of(data_dir, filled, seed=7, batch_size=16, learning_rate=0.5, epochs=1.0)
    config.model.update(features=12, timesteps=1)
    config.loss.kl = 3.0
    config.data.train = "synthetic:2"
    make(config, devices=jax.devices())
    make(config_of(data_dir, filled, cache_gib=0.0))  # nothing is written any more
    assert files(filled) == before


def test_each_canvas_has_its_part_and_none_where_it_takes_no_image(data_dir, tmp_path):
    config = config_of(data_dir, tmp_path)
    config.data.buckets = ((40, 32),)  # all scenes are wider than high
    features = make(config)
    (wide, high), (validated, also_high) = *features.training, *features.validation
    assert (wide.layout.shape[:2], high, also_high) == ((4, 5), None, None)
    assert (wide.layout.images, validated.layout.images) == (24, 6)


def test_images_that_are_trained_and_validated_on_are_one_part(data_dir, tmp_path):
    config = config_of(data_dir, tmp_path)
    config.data.update(validation_split="train", reduced_decoding=False)
    config.augment.update(flip=False, zoom=(1.0, 1.0), brightness=0.0, views=1)
    features = make(config)
    assert len(list(tmp_path.iterdir())) == 1
    ((trained,),), ((validated,),) = features
    for image in (0, 23):
        rows = (part.read(image, 0).features for part in (trained, validated))
        np.testing.assert_array_equal(*rows)


def another_zoom(config):
    config.augment.zoom = (0.7, 1.3)


def more_views(config):
    config.augment.views = 5


def another_split(config):
    config.data.train_split = "train[:50%]"


def another_fold(config):
    config.data.update(folds=3, fold=1)


def another_dtype(config):
    config.train.cache_dtype = "bfloat16"


def another_size(config):
    config.data.input_size = (40, 48)


@pytest.mark.parametrize(
    "change",
    [another_zoom, more_views, another_split, another_fold, another_dtype, another_size],
)
def test_other_views_images_or_types_are_features_of_their_own(data_dir, filled, change):
    config = config_of(data_dir, filled)
    known = {part.folder for part in parts(config)}
    change(config)
    assert parts(config)[0].folder not in known


def parts(config, seed=1) -> list:
    """What is trained on."""
    experiment = read_experiment(config, ONE_DEVICE)
    state = state_of(experiment, seed)
    variables = {"params": state.params, "batch_stats": state.batch_stats}
    rows = list_parts(
        experiment, experiment.training, variables, Path("x"), experiment.augment, True
    )
    return [part for row in rows for part in row]


def test_another_backbone_and_other_data_are_features_of_their_own(data_dir, filled, tmp_path):
    config = config_of(data_dir, filled)
    (known,) = parts(config)
    assert parts(config, seed=2)[0].folder != known.folder
    spec, counts = SceneSpec(48, 64, subjects=4), {"train": 24, "validation": 6}
    prepare_synthetic(data_dir=tmp_path, spec=spec, counts=counts, seed=2)
    assert parts(config_of(tmp_path, filled))[0].folder != known.folder
    # The same data at another place are the same data.
    (moved,) = parts(config_of(prepare(tmp_path / "again"), filled))
    assert moved.folder == known.folder


def test_the_head_does_not_matter_and_the_statistics_of_the_backbone_do(data_dir, filled):
    experiment = read_experiment(config_of(data_dir, filled), ONE_DEVICE)
    state = state_of(experiment)
    variables = {"params": state.params, "batch_stats": state.batch_stats}

    def identity() -> dict:
        return identify_backbone(experiment.model, variables)

    before = identity()
    variables["params"]["readout"]["kernel"] += 1
    assert identity() == before
    jax.tree.leaves(variables["batch_stats"])[0][0] += 1
    assert identity() != before


def test_damaged_shards_are_found_by_their_checksums_and_made_again(
    data_dir, tmp_path, filled, capfd
):
    folder = tmp_path / "copy"
    copy(filled, folder)
    before = files(folder)
    changed, cut, gone = sorted(folder.rglob("*train*/*.npy"))[1:4]
    originals = {path: path.read_bytes() for path in (changed, cut, gone)}
    data = bytearray(originals[changed])
    data[-9] ^= 1
    changed.write_bytes(data)
    cut.write_bytes(originals[cut][:-1])
    gone.unlink()
    (cut.parent / f".{gone.name}.x.tmp").write_bytes(b"of a killed run")
    make(config_of(data_dir, folder))
    after = files(folder)
    assert after.keys() == before.keys()
    again = {name for name in after if after[name] != before[name]}
    assert again == {str(path.relative_to(folder)) for path in originals}
    assert {path: path.read_bytes() for path in originals} == originals
    assert not list(folder.rglob("*.tmp"))
    said = capfd.readouterr().err
    for path in (changed, cut):
        assert f"{path} is not what was written; it is made again" in said


def copy(source: Path, target: Path) -> None:
    for path in source.rglob("*.npy"):
        new = target / path.relative_to(source)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(path.read_bytes())


def test_what_is_stopped_goes_on_from_whole_shards(data_dir, tmp_path, filled):
    class Enough(Exception):
        """Asks to stop, after some batches."""

    batches = iter(range(5))

    def stop() -> None:
        if next(batches) == 4:
            raise Enough

    with pytest.raises(Enough):
        make(config_of(data_dir, tmp_path), check_stop=stop)
    begun = files(tmp_path)
    assert len(begun) == 4  # of the 32 rows of four batches
    assert not list(tmp_path.rglob(".lock"))
    make(config_of(data_dir, tmp_path))
    done = files(tmp_path)
    assert begun.items() <= done.items()
    assert done.keys() == files(filled).keys()  # whose names have their checksums


def test_more_than_the_bound_is_refused_before_anything_is_written(data_dir, tmp_path):
    folder = tmp_path / "features"
    message = r"the features of 102 views take 0.10 MiB in .*, more than train.cache_gib=1e-05; set"
    with pytest.raises(UserError, match=message):
        make(config_of(data_dir, folder, cache_gib=1e-5))
    assert not folder.exists()
    (folder / "of-another-run").mkdir(parents=True)
    (folder / "of-another-run/00000.00000000.npy").write_bytes(bytes(2**20))
    with pytest.raises(UserError, match=r"beside 1.00 MiB of other runs, more than"):
        make(config_of(data_dir, folder, cache_gib=1.05 / 1024))


def test_a_full_disk_is_told_before(data_dir, tmp_path, monkeypatch):
    usage = SimpleNamespace(free=1000)
    monkeypatch.setattr(feature_cache.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(UserError, match=r"only 0.00 MiB are free there; make room"):
        make(config_of(data_dir, tmp_path))


def test_a_folder_where_another_run_writes_is_refused(data_dir, tmp_path):
    (part,) = parts(config_of(data_dir, tmp_path))
    folder = tmp_path / part.folder.name
    folder.mkdir()
    with locked(folder, ""), pytest.raises(UserError, match="give this command again when it is"):
        make(config_of(data_dir, tmp_path))
    assert not find_shards(folder).whole


def test_values_that_do_not_fit_the_type_are_refused(data_dir, tmp_path):
    experiment = read_experiment(config_of(data_dir, tmp_path), ONE_DEVICE)
    state = state_of(experiment)
    state.params["backbone"] = jax.tree.map(lambda a: a * 1e6, state.params["backbone"])
    with pytest.raises(UserError, match=r"do not fit train.cache_dtype='float16'; set .*bfloat16"):
        cached_features(experiment, state, tmp_path, never)
    assert not files(tmp_path)
