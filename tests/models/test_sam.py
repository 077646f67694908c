"""The whole network against the reference, the released code's numbers and itself."""

import importlib.util

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from weight_files import RESNET50, VGG16, network, random_layers, write_original

from samjax.models import SAM
from samjax.models.sam import map_size
from samjax.weights import original
from samjax.weights.pretrained import shapes

TINY = ["vgg_tiny", "resnet_tiny"]


def picture(rng, *size):
    """A smooth random uint8 image [H, W, 3]."""
    coarse = rng.uniform(0, 255, (size[0] // 8 + 2, size[1] // 8 + 2, 3))
    fine = np.kron(coarse, np.ones((8, 8, 1)))[: size[0], : size[1]]
    return np.uint8(np.clip(fine + rng.normal(0, 20, (*size, 3)), 0, 255))


def run(fields, variables, images, **kwargs):
    model = SAM(**{**fields, **kwargs})
    return jax.jit(lambda v, x: model.apply(v, x, all_timesteps=True))(variables, images)


def assert_is_reference(output, expected):
    """The issue's bound: 1e-4 of the range, in the map, in the attention and in the priors."""
    pairs = [
        (output.saliency[0], expected["map"]),
        (output.attention[0], expected["attention"]),
        (output.hidden[0].transpose(0, 3, 1, 2), expected["hidden"]),
    ]
    pairs += [
        (p.transpose(2, 0, 1), e) for p, e in zip(output.priors, expected["priors"], strict=True)
    ]
    for got, wanted in pairs:
        assert np.ptp(wanted) > 0
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4 * np.ptp(wanted))


@pytest.mark.parametrize("backbone", TINY)
@pytest.mark.parametrize(("size", "timesteps"), [((240, 320), 4), ((122, 157), 1), ((88, 64), 4)])
def test_maps_attention_and_priors_are_the_references(rng, backbone, size, timesteps):
    fields, layers, variables = network(backbone)
    image = picture(rng, *size)
    output = run(fields, variables, image[None], timesteps=timesteps)
    assert_is_reference(output, reference.sam(image, layers, timesteps))


@pytest.mark.parametrize("fields", [VGG16, RESNET50], ids=["vgg16", "resnet50"])
def test_full_width_network_read_from_a_file_is_the_references(rng, tmp_path, fields):
    layers = random_layers(fields, rng)
    write_original(tmp_path / "w.pkl", fields, layers)
    variables, image = original.load(tmp_path / "w.pkl").variables, picture(rng, 64, 80)
    (tmp_path / "w.pkl").unlink()  # hundreds of megabytes
    output = run(fields, variables, image[None], timesteps=2)
    assert_is_reference(output, reference.sam(image, layers, 2))


@pytest.mark.parametrize(
    ("fields", "trainable", "statistics"),
    [(VGG16, 51_835_841, 0), (RESNET50, 70_093_441, 53_120)],
    ids=["vgg16", "resnet50"],
)
def test_parameter_totals_are_the_releases(fields, trainable, statistics):
    counts = {"params": 0, "batch_stats": 0}
    for path, shape in shapes(fields).items():
        counts[path[0]] += int(np.prod(shape))
    assert counts == {"params": trainable, "batch_stats": statistics}


def test_changing_timesteps_changes_no_parameter_shape():
    def tree(timesteps):
        model = SAM(**{**network("vgg_tiny").fields, "timesteps": timesteps})
        return jax.eval_shape(model.init, jax.random.key(0), jnp.zeros((1, 32, 32, 3)))

    assert jax.tree.map(jnp.shape, tree(1)) == jax.tree.map(jnp.shape, tree(7))


def test_every_step_is_a_run_with_that_many_steps(rng):
    fields, _, variables = network("vgg_tiny")
    images = picture(rng, 64, 80)[None]
    output = run(fields, variables, images, timesteps=3)
    for t in range(2):
        shorter = run(fields, variables, images, timesteps=t + 1)
        np.testing.assert_allclose(output.timestep_saliency[:, t], shorter.saliency, atol=1e-6)
        np.testing.assert_allclose(output.attention[:, t], shorter.attention[:, -1], atol=1e-7)
    np.testing.assert_array_equal(output.timestep_saliency[:, 2], output.saliency)


def test_an_image_has_the_same_map_in_any_batch(rng):
    fields, _, variables = network("vgg_tiny")
    images = np.stack([picture(rng, 64, 80) for _ in range(3)])
    together = run(fields, variables, images).saliency
    alone = run(fields, variables, images[1:2]).saliency
    np.testing.assert_allclose(together[1:2], alone, atol=1e-6)


@pytest.mark.parametrize(
    ("size", "vgg", "resnet"),
    [
        ((240, 320), (480, 640), (480, 640)),
        ((180, 320), (368, 640), (368, 640)),
        ((122, 157), (240, 320), (256, 320)),
        ((320, 240), (640, 480), (640, 480)),
    ],
)
def test_map_size_follows_the_backbones_rounding(size, vgg, resnet):
    sizes = [map_size(SAM(**network(b).fields), size) for b in TINY]
    assert sizes == [vgg, resnet]


@pytest.mark.parametrize("backbone", TINY)
def test_bfloat16_keeps_maps_float32_and_close(rng, backbone):
    fields, _, variables = network(backbone)
    images = picture(rng, 120, 160)[None]
    single, half = (run(fields, variables, images, dtype=d) for d in (None, jnp.bfloat16))
    for leaf in (half.saliency, half.log_density, half.attention, *half.priors):
        assert leaf.dtype == jnp.float32
    assert half.hidden.dtype == jnp.bfloat16
    cc = np.corrcoef(np.ravel(single.saliency), np.ravel(half.saliency))[0, 1]
    assert cc > 0.999


def test_bfloat16_keeps_parameters_float32():
    model = SAM(**{**network("resnet_tiny").fields, "dtype": jnp.bfloat16})
    variables = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros((1, 32, 32, 3)))
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {np.dtype("float32")}


def test_strict_rank_promotion_is_on():
    with pytest.raises(ValueError, match="rank"):
        jnp.ones((2, 3)) + jnp.ones(3)


@pytest.fixture(scope="module")
def oracle(shared):
    spec = importlib.util.spec_from_file_location("w", shared / "oracle" / "sam_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, np.load(shared / "oracle" / "sam_golden.npz")


@pytest.mark.parametrize(
    ("version", "seed", "cases"),
    [
        ("vgg", 1, [(240, 320, 4), (120, 160, 1)]),
        ("vgg", 2, [(128, 160, 2)]),
        ("resnet", 1, [(240, 320, 4)]),
        ("resnet", 2, [(128, 160, 3)]),
    ],
)
def test_released_code_gives_the_same_numbers(oracle, tmp_path, version, seed, cases):
    weights_module, golden = oracle
    weights = weights_module.calibrate(weights_module.draw(version, seed), version, seed)
    weights_module.write(tmp_path / "w.pkl", weights, version, under_model_weights=seed == 2)
    loaded = original.load(tmp_path / "w.pkl")
    (tmp_path / "w.pkl").unlink()
    for rows, columns, timesteps in cases:
        image = weights_module.synthetic(seed, rows, columns) + reference.MEAN_BGR
        image = np.uint8(np.rint(image[0, ::-1].transpose(1, 2, 0)))
        got = golden_keys(loaded, image[None], timesteps)
        prefix = f"{version}-seed{seed}-{rows}x{columns}-T{timesteps}/"
        for key in [k for k in golden.files if k.startswith(prefix)]:
            value, wanted = got[key.removeprefix(prefix)], golden[key]
            np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())


def golden_keys(loaded, images, timesteps):
    model = SAM(**{**loaded.model, "timesteps": timesteps})

    @jax.jit
    def apply(variables, images):
        return model.apply(
            variables,
            images,
            all_timesteps=True,
            capture_intermediates=lambda module, _: module.name == "backbone",
            mutable=["intermediates"],
        )

    output, captured = apply(loaded.variables, images)
    features = captured["intermediates"]["backbone"]["__call__"][0]
    return {
        "attention": output.attention,
        "prior1": output.priors[0].transpose(2, 0, 1),
        "prior2": output.priors[1].transpose(2, 0, 1),
        "low": output.saliency[:, None, 7::16, 7::16],  # where the upsampling hits the cells
        "map": output.saliency[:, None],
        "backbone_channel_mean": features.mean(axis=(1, 2)),
        "hidden_rms_per_step": np.sqrt((np.float64(output.hidden) ** 2).mean(axis=(2, 3, 4))),
    }


@pytest.mark.parametrize("backbone", TINY)
def test_other_backends_arithmetic_has_the_same_maps_and_gradients(rng, backbone, monkeypatch):
    fields, _, variables = network(backbone)
    model, image = SAM(**fields), picture(rng, 48, 64)[None]

    def loss(params):
        output = model.apply({**variables, "params": params}, image)
        return (output.saliency**2).mean() + (output.attention**2).sum(), output.saliency

    def compute():
        return jax.jit(jax.value_and_grad(lambda p: loss(p), has_aux=True))(variables["params"])

    (_, here), ours = compute()
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    (_, there), theirs = compute()
    np.testing.assert_allclose(here, there, atol=1e-5 * here.max())
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4 * np.abs(b).max())
