"""Our own files are read back bit for bit, and damaged or foreign ones refused in one line."""

import json
from copy import deepcopy
from dataclasses import replace

import jax
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from weight_files import RESNET_TINY, safetensors_header, tiny_weights

from samjax.errors import UserError
from samjax.models import SAM
from samjax.weights import PAPER, Pretrained, load, save
from samjax.weights.pretrained import shapes


@pytest.fixture
def weights():
    return tiny_weights("resnet_tiny")


@pytest.fixture
def path(tmp_path, weights):
    save(tmp_path / "w.safetensors", weights)
    return tmp_path / "w.safetensors"


def metadata(path):
    with safe_open(path, framework="numpy") as file:
        return file.metadata()


def change(path, tensors=None, **fields):
    """Rewrites a file with other tensors or metadata."""
    values, meta = load_file(path), metadata(path)
    values.update(tensors or {})
    save_file({k: v for k, v in values.items() if v is not None}, path, {**meta, **fields})


def model_of(path):
    return json.loads(metadata(path)["model"])


def test_a_saved_file_is_loaded_bit_for_bit(path, weights):
    loaded = load(path)
    assert (loaded.kind, loaded.origin, loaded.sha256) == ("sam", "tiny.pkl", "ab" * 32)
    assert loaded.flat().keys() == weights.flat().keys()
    for name, array in loaded.flat().items():
        assert array.dtype == np.float32
        assert array.tobytes() == weights.flat()[name].tobytes()


def test_the_loaded_fields_build_the_network(path, weights):
    model = SAM(**load(path).model)
    assert model == SAM(**RESNET_TINY)
    images = np.zeros((1, 32, 32, 3), np.uint8)
    saliency = jax.eval_shape(lambda v: model.apply(v, images).saliency, load(path).variables)
    assert saliency.shape == (1, 64, 64)


def test_metadata_tell_origin_preset_and_normalization(path):
    meta = metadata(path)
    assert meta["origin"] == "tiny.pkl"
    assert meta["sha256"] == "ab" * 32
    assert meta["face"] == "samjax"
    assert meta["normalization"] == "caffe"
    assert model_of(path)["backbone"] == "resnet_tiny"


def test_every_field_is_written_so_that_no_default_can_change_it(tmp_path, weights):
    few = {k: RESNET_TINY[k] for k in ("backbone", "features", "gaussians", "normalization")}
    save(tmp_path / "w.safetensors", Pretrained("sam", weights.variables, few, "", ""))
    assert set(PAPER) <= set(model_of(tmp_path / "w.safetensors"))


def test_saving_is_deterministic(path, weights, tmp_path):
    save(tmp_path / "again.safetensors", weights)
    assert set(load_file(path)) == set(load_file(tmp_path / "again.safetensors"))
    assert metadata(path) == metadata(tmp_path / "again.safetensors")


def test_a_backbone_keeps_what_it_demands(tmp_path, weights):
    tree = {k: {"backbone": v["backbone"]} for k, v in weights.variables.items()}
    model = {"backbone": "resnet_tiny", "stride_on": "3x3", "normalization": "torchvision"}
    save(tmp_path / "b.safetensors", Pretrained("backbone", tree, model, "b.pth", ""))
    loaded = load(tmp_path / "b.safetensors")
    assert (loaded.kind, loaded.model) == ("backbone", model)
    assert loaded.flat().keys() == {p for p in shapes(RESNET_TINY) if p[1] == "backbone"}


KEY = "params/backbone/conv1/kernel"


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({KEY: None}, f"tensor {KEY} is missing"),
        ({"params/x": np.zeros(1, np.float32)}, "tensor params/x is not in the network"),
        ({KEY: np.zeros((7, 7), np.float32)}, r"has shape \(7, 7\), expected \(7, 7, 3, 8\)"),
        ({KEY: np.zeros((7, 7, 3, 8), np.int64)}, f"{KEY} holds int64, expected float32"),
        ({KEY: np.full((7, 7, 3, 8), np.nan, "f4")}, f"{KEY} holds values that are not finite"),
        (
            {"batch_stats/backbone/bn_conv1/var": -np.ones(8, np.float32)},
            "bn_conv1/var has negative values",
        ),
    ],
)  # fmt: skip
def test_a_bad_tensor_is_named(path, tensors, message):
    change(path, tensors)
    with pytest.raises(UserError, match=message) as error:
        load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("features", 10**9),
        ("features", -1),
        ("features", 2.5),
        ("timesteps", "4"),
        ("backbone", "alexnet"),
        ("backbone", ["vgg16"]),
        ("dtype", "float64"),
        ("normalization", None),
        ("upsampling", True),
    ],
)
def test_a_bad_field_is_named(path, field, value):
    change(path, model=json.dumps(model_of(path) | {field: value}))
    with pytest.raises(UserError) as error:
        load(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("model", ["", "[1]", "{}", "[" * 100_000, '{"backbone": "vgg_tiny"}'])
def test_metadata_without_fields_are_refused(path, model):
    change(path, model=model)
    with pytest.raises(UserError, match="the metadata hold no fields of SAM"):
        load(path)


@pytest.mark.parametrize("size", ["[4, 320]", "[240]", "240", "[true, 320]", "[240.0, 320]", "x"])
def test_a_bad_input_size_is_refused(path, size):
    change(path, input_size=size)
    with pytest.raises(UserError, match=r"expected \[HEIGHT, WIDTH\]"):
        load(path)


def test_a_file_of_before_there_were_resize_modes_is_letterboxed(path):
    values, meta = load_file(path), metadata(path)
    save_file(values, path, {k: v for k, v in meta.items() if k not in ("framing", "input_size")})
    assert (load(path).resize_mode, load(path).input_size) == ("letterbox", (240, 320))
    change(path, framing="stretch")
    with pytest.raises(UserError, match="framing is 'stretch', expected letterbox or paper"):
        load(path)


def test_an_unknown_kind_is_refused(path):
    change(path, kind="head")
    with pytest.raises(UserError, match="kind is 'head'"):
        load(path)


HUGE = {"x": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}


@pytest.mark.parametrize(
    "data",
    [
        safetensors_header(HUGE),
        safetensors_header({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}) + b"1234",
        b"\xff" * 8 + b"{}",
        b"\x02" + b"\0" * 7 + b"{]",
    ],
)
def test_hostile_headers_are_told_in_one_line(tmp_path, data):
    (tmp_path / "w.safetensors").write_bytes(data)
    with pytest.raises(UserError, match=r"damaged .safetensors file") as error:
        load(tmp_path / "w.safetensors")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("fraction", [0.01, 0.5, 0.999])
def test_a_truncated_file_is_told_in_one_line(path, fraction):
    data = path.read_bytes()
    path.write_bytes(data[: int(fraction * len(data))])
    with pytest.raises(UserError, match="damaged") as error:
        load(path)
    assert "\n" not in str(error.value)


CARD = {"name": "tiny", "scores": [{"NSS": 2.5}], "licence": ""}


def test_buckets_and_card_are_kept(tmp_path, weights):
    full = replace(weights, input_size=(48, 64), buckets=((64, 48), (48, 96)), card=CARD)
    save(tmp_path / "w.safetensors", full)
    loaded = load(tmp_path / "w.safetensors")
    assert (loaded.input_size, loaded.buckets) == (full.input_size, full.buckets)
    assert loaded.card == CARD


def test_viewing_times_are_kept(tmp_path, weights):
    timed = replace(weights, viewing_times_ms=(500.0, 1000.0))
    save(tmp_path / "w.safetensors", timed)
    assert load(tmp_path / "w.safetensors").viewing_times_ms == (500.0, 1000.0)


@pytest.mark.parametrize("times", ["5", '["a"]', "[-1]", "[NaN]", "[true]", "{"])
def test_bad_viewing_times_are_refused(path, times):
    change(path, viewing_times_ms=times)
    with pytest.raises(UserError, match="viewing_times_ms"):
        load(path)


def test_a_file_of_before_there_were_buckets_and_cards_has_none(path):
    values, meta = load_file(path), metadata(path)
    save_file(values, path, {k: v for k, v in meta.items() if k not in ("buckets", "card")})
    assert (load(path).buckets, load(path).card) == ((), {})


@pytest.mark.parametrize("buckets", ["x", "[[4, 320]]", "[240, 320]", "[[240]]", "{}", "[null]"])
def test_bad_buckets_are_refused(path, buckets):
    change(path, buckets=buckets)
    with pytest.raises(UserError, match=r"buckets is .*expected a list of \[HEIGHT, WIDTH\]"):
        load(path)


@pytest.mark.parametrize("card", ["x", "[]", "1"])
def test_a_damaged_card_is_refused(path, card):
    change(path, card=card)
    with pytest.raises(UserError, match="the card in its metadata is no JSON object"):
        load(path)


def test_float16_is_read_as_the_same_numbers_in_float32(tmp_path, weights):
    save(tmp_path / "half.safetensors", weights, "float16")
    loaded = load(tmp_path / "half.safetensors").flat()
    for name, array in weights.flat().items():
        is_kernel = array.ndim > 2
        expected = array.astype(np.float16).astype(np.float32) if is_kernel else array
        assert loaded[name].dtype == np.float32
        assert loaded[name].tobytes() == expected.tobytes(), name


def test_float16_takes_half_the_space(path, tmp_path, weights):
    save(tmp_path / "half.safetensors", weights, "float16")
    sizes = {}
    for file in (path, tmp_path / "half.safetensors"):
        sizes[file] = sum(a.nbytes for a in load_file(file).values() if a.ndim > 2)
    assert sizes[path] == 2 * sizes[tmp_path / "half.safetensors"]


def test_what_float16_cannot_hold_is_refused_and_nothing_is_written(tmp_path, weights):
    weights = deepcopy(weights)  # others share them
    weights.variables["params"]["backbone"]["conv1"]["kernel"][0, 0, 0, 0] = 1e5
    with pytest.raises(UserError, match=f"{KEY} has values up to 100000, too large for float16"):
        save(tmp_path / "half.safetensors", weights, "float16")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "dtype", "message"),
    [
        ("w.safetensors", "int8", "--dtype int8 is unknown; use float32 or float16"),
        ("w.pkl", "float16", "--dtype float16 needs .safetensors"),
    ],
)
def test_a_type_that_does_not_fit_is_refused(tmp_path, weights, name, dtype, message):
    with pytest.raises(UserError, match=message):
        save(tmp_path / name, weights, dtype)
