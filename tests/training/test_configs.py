"""Every config builds its model, its optimiser and its augmentation; typing errors are refused."""

import functools
import importlib
from pathlib import Path

import jax
import pytest
from command_line import Refused, config_of

from configs import base
from samjax.data.mixture import parse_mixture
from samjax.data.transforms import Augment
from samjax.errors import UserError
from samjax.models.sam import PARTS
from samjax.training.config import build_loss, build_model, build_optimizer
from samjax.training.config_check import check_config
from samjax.training.plan import build_plan

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    path.stem
    for path in (ROOT / "configs").glob("*.py")
    if path.stem not in ("__init__", "presets")
)


def config(name: str):
    return importlib.import_module(f"configs.{name}").get_config()


@functools.cache
def shapes_of(model, input_size: tuple[int, int]) -> tuple:
    """The shapes of a network's map and variables, traced once for all configs that have it."""

    def initialize(images):
        output, variables = model.init_with_output(jax.random.key(0), images)
        return output.saliency, variables

    return jax.eval_shape(initialize, jax.ShapeDtypeStruct((1, *input_size, 3), "uint8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_config_builds(name):
    c = config(name)
    check_config(c)
    model = build_model(c)
    plan = build_plan(c, images=500)
    tx = build_optimizer(c, plan)
    Augment(**c.augment.to_dict())
    build_loss(c)
    saliency, shapes = shapes_of(model, tuple(c.data.input_size))
    assert set(shapes["params"]) <= set(PARTS)
    jax.eval_shape(tx.init, shapes["params"])
    assert len(saliency.shape) == 3
    assert plan.steps > 0


@pytest.mark.parametrize("name", NAMES)
def test_every_config_is_a_delta_of_a_few_lines_with_its_command(name):
    source = (ROOT / "configs" / f"{name}.py").read_text()
    if name != "base":
        assert len(source.splitlines()) <= 45
        assert "python -m experiments." in source or "make demo" in source


@pytest.mark.parametrize(
    ("name", "total"), [("sam_vgg_salicon", 51_835_841), ("sam_resnet_salicon", 70_093_441)]
)
def test_the_papers_recipes_have_the_papers_networks(name, total):
    c = config(name)
    model = build_model(c)
    saliency, shapes = shapes_of(model, tuple(c.data.input_size))
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes["params"])) == total
    assert saliency.shape == (1, 480, 640)


def test_timesteps_change_the_model_and_no_parameter():
    c = config("demo")
    trees = []
    for timesteps in range(1, 9):
        c.model.timesteps = timesteps
        model = build_model(c)
        assert model.timesteps == timesteps
        trees.append(shapes_of(model, tuple(c.data.input_size))[1])
    assert all(tree == trees[0] for tree in trees)


def test_an_unknown_field_is_refused():
    with pytest.raises(AttributeError, match="timesteps"):
        base.get_config().model.timestep = 3


def refusal(field: str) -> tuple[int, str]:
    """The status and the message with which the command line refuses a field."""
    with pytest.raises(Refused) as caught:
        config_of(f"--config={ROOT}/configs/demo.py", f"--config.{field}")
    return caught.value.args


def test_the_command_line_names_todays_name_of_a_renamed_field():
    said = "--config.loss.durations is called --config.loss.viewing_times_ms now\n"
    assert refusal("loss.durations=(500.0,)") == (2, said)


def test_the_command_line_suggests_a_field_for_one_that_it_does_not_know():
    said = "the configuration has no field model.timestep (did you mean model.timesteps?); "
    assert refusal("model.timestep=3") == (2, f"{said}configs/base.py has them all\n")


@pytest.mark.parametrize(
    ("text", "mixture"),
    [
        ("osie", {"osie": 1}),
        ("osie:1, scene:.5", {"osie": 1, "scene": 0.5}),
        ("a,b:2", {"a": 1, "b": 2}),
    ],
)
def test_mixtures_are_read(text, mixture):
    assert parse_mixture(text) == mixture


@pytest.mark.parametrize("text", ["", "osie:x", "osie:nan", "osie:0", "osie,osie", ":1", "osie:"])
def test_a_bad_mixture_is_refused(text):
    with pytest.raises(UserError):
        parse_mixture(text)


def test_an_unknown_dtype_is_refused_with_the_known_ones():
    c = config("demo")
    c.model.dtype = "float16"
    with pytest.raises(UserError, match="float32 or bfloat16"):
        build_model(c)
