"""The recipe of the random weights with which the original network gave `sam_network.npz`.

    {layer: {tensor: float32 array}} in the layout of the released files

Kernels are (out, in, rows, columns), applied as a TRUE convolution; batch norm is gamma, beta,
running_mean, running_std, where running_std is the VARIANCE. Every tensor has a random stream of
its own, so a seed always means the same tensors. At full width they are 207 MB (vgg) or 281 MB
(resnet), which is why the recipe is kept and not the arrays.

The numbers in `sam_network.npz` come from a float64 evaluation of the original network, which
agrees with the ORIGINAL CODE, executed under Theano 0.9 and Keras 1.1.0, to 1e-13 relative. Its
keys are VERSION-seedS-ROWSxCOLUMNS-TN/NAME, where the input is `synthetic(S, ROWS, COLUMNS)`, and
NAME is

    attention              [1, T, h, w]
    prior1, prior2         [16, h, w], every third row and column
    low                    [1, 1, h, w], after the last ReLU, before the upsampling
    map                    [1, 1, 16 h, 16 w], every eighth row and column, of the small inputs
    backbone_channel_mean  [1, C]
    hidden_rms_per_step    [1, T]

Float32 arithmetic moves the map by about 2e-6 (relative rms; 1e-5 in the attention); the mildest of
the usual porting mistakes moves it by 1e-2 (a dropped U_a bias; then half-pixel upsampling 1.5e-2,
hard sigmoid 1.7e-2, batch norm's epsilon 1e-3 2.9e-2). So 1e-4 tells them apart.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

CHANNELS = 512  # of the LSTM and of both prior convolutions
GAUSSIANS = 16  # in each prior layer
VGG = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
RESNET = ((2, 64, 3), (3, 128, 4), (4, 256, 6), (5, 512, 3))
GATES = ("W_a", "U_a", "V_a", "W_i", "U_i", "W_f", "U_f", "W_c", "U_c", "W_o", "U_o")
NORM_TENSORS = ("gamma", "beta", "running_mean", "running_std")
MEAN_BGR = np.array([103.939, 116.779, 123.68])

Layer = tuple[str, list[tuple[str, tuple[int, ...]]]]
Tensors = dict[str, dict[str, np.ndarray]]

# The scales that make the activations sane, for the seeds that have golden numbers: of the
# features, V_a, the two prior convolutions and the output kernel; and the output bias.
SCALES = {
    ("vgg", 1): (10.6, 0.93, 3.95, 1.28, 0.804, 0.142),
    ("vgg", 2): (10.8, 0.994, 4.04, 1.3, 0.922, 1.14),
    ("resnet", 1): (3.33, 0.816, 3.96, 1.28, 0.993, -0.312),
    ("resnet", 2): (3.68, 0.848, 4.02, 1.3, 0.484, 0.531),
}


def _conv(name: str, inputs: int, outputs: int, size: int) -> Layer:
    return name, [(f"{name}_W", (outputs, inputs, size, size)), (f"{name}_b", (outputs,))]


def _norm(name: str, channels: int) -> Layer:
    return name, [(f"{name}_{tensor}", (channels,)) for tensor in NORM_TENSORS]


def _vgg_layers() -> Iterator[Layer]:
    inputs = 3
    for block, (channels, count) in enumerate(VGG, 1):
        for k in range(1, count + 1):
            yield _conv(f"block{block}_conv{k}", inputs, channels, 3)
            inputs = channels


def _resnet_layers() -> Iterator[Layer]:
    yield _conv("conv1", 3, 64, 7)
    yield _norm("bn_conv1", 64)
    inputs = 64
    for stage, width, count in RESNET:
        for block in range(count):
            tag = f"{stage}{'abcdef'[block]}_branch"
            for part, channels, size in (("2a", inputs, 1), ("2b", width, 3)):
                yield _conv(f"res{tag}{part}", channels, width, size)
                yield _norm(f"bn{tag}{part}", width)
            # Keras sorts by depth: both convolutions come first, then both norms.
            yield _conv(f"res{tag}2c", width, 4 * width, 1)
            if block == 0:
                yield _conv(f"res{tag}1", inputs, 4 * width, 1)
            yield _norm(f"bn{tag}2c", 4 * width)
            if block == 0:
                yield _norm(f"bn{tag}1", 4 * width)
            inputs = 4 * width


def layers(version: str) -> list[Layer]:
    """Return [(layer, [(tensor, shape), ...]), ...] of the "vgg" or the "resnet", in file order."""
    table, number = list(_vgg_layers()), 1
    if version == "resnet":
        table = [*_resnet_layers(), _conv("convolution2d_1", 4 * CHANNELS, CHANNELS, 3)]
        number = 2
    lstm = []
    for gate in GATES:
        name = f"convolution2d_{number}"
        number += 1
        if gate == "V_a":
            lstm.append((f"{name}_W", (1, CHANNELS, 3, 3)))
        else:
            lstm += _conv(name, CHANNELS, CHANNELS, 3)[1]
    table.append(("attentiveconvlstm_1", lstm))
    for k in (1, 2):
        table.append((f"learningprior_{k}", [(f"learningprior_{k}_W", (4 * GAUSSIANS,))]))
        table.append(_conv(f"atrousconvolution2d_{k}", CHANNELS + GAUSSIANS, CHANNELS, 5))
    return [*table, _conv(f"convolution2d_{number}", CHANNELS, 1, 1)]


def _random(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _kernel(
    rng: np.random.Generator, shape: tuple[int, ...], gain: float, rows: np.ndarray | None,
    centre: bool,
) -> np.ndarray:  # fmt: skip
    """He scaling; the mean of each filter is removed, so that a common offset of the inputs does
    not take over."""
    kernel = rng.standard_normal(shape, dtype=np.float32)
    if centre:
        kernel -= kernel.reshape(shape[0], -1).mean(1).reshape(-1, 1, 1, 1)
    kernel *= np.float32(gain * np.sqrt(2.0 / int(np.prod(shape[1:]))))
    if rows is not None:
        kernel *= np.sqrt(rows).astype(np.float32).reshape(-1, 1, 1, 1)
    return kernel


def _prior(rng: np.random.Generator) -> np.ndarray:
    """Gaussians on both sides of both limits of every range, always."""
    narrow = GAUSSIANS - 4
    mu_x, mu_y = rng.uniform(0.15, 0.85, GAUSSIANS), rng.uniform(0.15, 0.85, GAUSSIANS)
    sigma_x = np.concatenate([rng.uniform(0.03, 0.35, narrow), rng.uniform(0.5, 1.1, 4)])
    sigma_y = np.concatenate([rng.uniform(0.05, 0.40, narrow), rng.uniform(0.5, 1.0, 4)])
    rows = ((mu_x, 0.25, 0.75), (mu_y, 0.35, 0.65), (sigma_x, 0.1, 0.9), (sigma_y, 0.2, 0.8))
    for values, low, high in rows:
        rng.shuffle(values)
        values[:4] = low - 0.06, high + 0.07, low + 0.01, high - 0.01
        rng.shuffle(values)
    return np.concatenate([values for values, _, _ in rows])


def _lstm(seed: int, tensors: list[tuple[str, tuple[int, ...]]]) -> dict[str, np.ndarray]:
    drawn, remaining = {}, iter(tensors)
    for gate in GATES:
        name, shape = next(remaining)
        rng = _random(seed, f"lstm/{gate}")
        if gate[0] == "U" and gate != "U_a":  # orthonormal rows times 1.1
            q, r = np.linalg.qr(rng.standard_normal((int(np.prod(shape[1:])), shape[0])))
            drawn[name] = (1.1 * (q * np.sign(np.diag(r))).T).reshape(shape)
        else:
            drawn[name] = rng.normal(0, 0.05, shape)
        if gate != "V_a":
            name, shape = next(remaining)
            drawn[name] = rng.normal(0, 0.12, shape)
    return drawn


def _norm_variance(seed: int, layer: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.exp(_random(seed, f"var/{layer}").uniform(np.log(0.02), np.log(2.0), shape))


def _norm_values(seed: int, layer: str, shape: tuple[int, ...]) -> list[np.ndarray]:
    rng, variance = _random(seed, layer), _norm_variance(seed, layer, shape)
    low, high = (0.2, 0.5) if layer.endswith("2c") else (0.7, 1.3)
    gamma, beta = rng.uniform(low, high, shape), rng.normal(0, 0.15, shape)
    return [gamma, beta, rng.normal(0, 0.3, shape) * np.sqrt(variance), variance]


def _conv_values(seed: int, layer: str, kernel_shape: tuple, bias_shape: tuple) -> list[np.ndarray]:
    rng, rows = _random(seed, layer), None
    if layer.startswith("res"):
        rows = _norm_variance(seed, f"bn{layer[3:]}", bias_shape)
    elif layer == "conv1":
        rows = _norm_variance(seed, "bn_conv1", bias_shape)
    first = layer in ("conv1", "block1_conv1")
    kernel = _kernel(rng, kernel_shape, 1 / 60.0 if first else 1.0, rows, centre=not first)
    return [kernel, rng.normal(0, 0.15, bias_shape) * (1 if rows is None else np.sqrt(rows))]


def draw(version: str, seed: int) -> Tensors:
    """Return {layer: {tensor: float32 array}}, before `calibrate`."""
    params = {}
    for layer, tensors in layers(version):
        names, shapes = zip(*tensors, strict=True)
        if layer == "attentiveconvlstm_1":
            values = _lstm(seed, tensors).values()
        elif layer.startswith("learningprior"):
            values = [_prior(_random(seed, layer))]
        elif layer.startswith("bn"):
            values = _norm_values(seed, layer, shapes[0])
        else:
            values = _conv_values(seed, layer, *shapes)
        arrays = [np.ascontiguousarray(value, dtype=np.float32) for value in values]
        params[layer] = dict(zip(names, arrays, strict=True))
    return params


def calibrate(params: Tensors, version: str, seed: int) -> Tensors:
    """Scale the features, V_a, the prior convolutions and the output layer, in place."""
    feature, v_a, prior1, prior2, kernel, bias = SCALES[version, seed]
    last = [name for name in params if name.startswith("convolution2d")][-1]
    features = params["convolution2d_1" if version == "resnet" else "block5_conv3"]
    for arrays, scale in (
        (features.values(), feature),
        (list(params["attentiveconvlstm_1"].values())[4:5], v_a),
        (params["atrousconvolution2d_1"].values(), prior1),
        (params["atrousconvolution2d_2"].values(), prior2),
    ):
        for array in arrays:
            array *= np.float32(scale)
    w, b = params[last].values()
    w *= np.float32(kernel)
    b[:] = bias
    return params


def synthetic(seed: int, rows: int, columns: int) -> np.ndarray:
    """Return smooth coloured noise as uint8 RGB [rows, columns, 3]."""
    rng = _random(seed, "picture")
    frequencies = np.hypot(
        np.fft.fftfreq(rows)[:, None] * rows, np.fft.fftfreq(columns)[None] * columns
    )
    phases = np.exp(2j * np.pi * rng.random((3, rows, columns)))
    image = np.real(np.fft.ifft2(phases / np.maximum(frequencies, 2.0) ** 1.2))
    image[1:] = 0.7 * image[:1] + 0.5 * image[1:]
    image -= image.mean((1, 2), keepdims=True)
    image /= image.std((1, 2), keepdims=True)
    bgr = np.rint(np.clip(110 + 60 * image, 0, 255))
    return np.uint8(bgr[::-1].transpose(1, 2, 0))


def write(path: Path, params: Tensors, version: str, under_model_weights: bool = False) -> None:
    """Write a file as Keras 1.1.0 saves it; under "model_weights" as `model.save` does."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if under_model_weights else file
        root.attrs["layer_names"] = np.array([name.encode() for name, _ in layers(version)])
        for name, tensors in layers(version):
            group = root.create_group(name)
            group.attrs["weight_names"] = np.array([tensor.encode() for tensor, _ in tensors])
            for tensor, shape in tensors:
                assert params[name][tensor].shape == shape
                group.create_dataset(tensor, data=params[name][tensor])
        if under_model_weights:
            file.attrs["keras_version"] = "1.1.0"
            file.attrs["model_config"] = json.dumps({"class_name": "Model"})
