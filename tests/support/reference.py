"""SAM as released, written plainly in float64 NumPy: an independent check of samjax.models.

Arrays are [C, H, W] of one image, kernels [out, in, rows, columns] as the weight files hold them,
applied as TRUE convolutions. Nothing here is shared with samjax; speed is no concern.

`layers` everywhere: {layer's name in the file: [its tensors in the file's order]}.
"""

from string import ascii_lowercase

import numpy as np

GATES = ("Wi", "Ui", "Wf", "Uf", "Wc", "Uc", "Wo", "Uo")  # in the files' order
MEAN_BGR = np.array([103.939, 116.779, 123.68])[:, None, None]


def conv(x, kernel, bias=None, dilation=1, stride=1, pad=None):
    """out[p] = sum over taps k of kernel[k] . x[p - k], the kernel centred; zeros outside.

    pad: cells on each side; None: "same".
    """
    rows, columns = kernel.shape[2:]
    pad = dilation * (rows // 2) if pad is None else pad
    x = np.pad(np.asarray(x, np.float64), ((0, 0), (pad, pad), (pad, pad)))
    height = (x.shape[1] - dilation * (rows - 1) - 1) // stride + 1
    width = (x.shape[2] - dilation * (columns - 1) - 1) // stride + 1
    out = np.zeros((len(kernel), height, width))
    for r in range(rows):
        for s in range(columns):
            top, left = dilation * (rows - 1 - r), dilation * (columns - 1 - s)
            cells = x[:, top::stride, left::stride][:, :height, :width]
            out += np.tensordot(np.asarray(kernel[:, :, r, s], np.float64), cells, 1)
    return out if bias is None else out + np.asarray(bias, np.float64)[:, None, None]


def pool(x, size, stride, pad, length=None):
    """Max-pool by brute force, `pad` cells that never win on each side, cropped to `length`."""
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)), constant_values=-np.inf)
    height, width = ((n - size) // stride + 1 for n in x.shape[1:])
    height, width = length or (height, width)
    out = np.empty((len(x), height, width))
    for i in range(height):
        for j in range(width):
            window = x[:, stride * i : stride * i + size, stride * j : stride * j + size]
            out[:, i, j] = window.max(axis=(1, 2))
    return out


def even_same_pool(x, stride):
    """Keras 1's 2x2 "same" pool under Theano: one cell on both sides, the far end cropped."""
    length = tuple(-(-n // stride) for n in x.shape[1:])
    return pool(x, 2, stride, 1, length)


def norm(x, gamma, beta, mean, variance):
    g, b, m, v = (np.asarray(a, np.float64)[:, None, None] for a in (gamma, beta, mean, variance))
    return (x - m) / np.sqrt(v + 1e-5) * g + b


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2  # the logistic function, without overflow


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def caffe(image):
    """uint8 RGB [H, W, 3] -> BGR minus the mean colour, [3, H, W]."""
    return image[:, :, ::-1].transpose(2, 0, 1).astype(np.float64) - MEAN_BGR


def torchvision(image):
    """uint8 RGB [H, W, 3] -> RGB in 0..1, standardised, [3, H, W]."""
    mean, std = (np.array(v)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    return (image.transpose(2, 0, 1) / 255.0 - mean) / std


def vgg(x, layers):
    for block in range(1, 6):
        k = 1
        while f"block{block}_conv{k}" in layers:
            w, b = layers[f"block{block}_conv{k}"]
            x = relu(conv(x, w, b, dilation=2 if block == 5 else 1))
            k += 1
        if block <= 2:
            x = pool(x, 2, 2, 0)
        elif block <= 4:
            x = even_same_pool(x, 2 if block == 3 else 1)
    return x


def resnet(x, layers, stride_on="1x1"):
    x = conv(x, *layers["conv1"], stride=2, pad=3)
    x = pool(relu(norm(x, *layers["bn_conv1"])), 3, 2, 1)
    for stage in range(2, 6):
        for letter in ascii_lowercase:
            if f"res{stage}{letter}_branch2a" not in layers:
                break
            stride = 2 if (stage, letter) == (3, "a") else 1
            dilation = {4: 2, 5: 4}.get(stage, 1)
            x = bottleneck(x, layers, f"{stage}{letter}", stride, dilation, stride_on)
    return x


def bottleneck(x, layers, tag, stride, dilation, stride_on):
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)

    def branch(x, part, **kwargs):
        y = conv(x, *layers[f"res{tag}_branch{part}"], **kwargs)
        return norm(y, *layers[f"bn{tag}_branch{part}"])

    y = relu(branch(x, "2a", stride=first))
    y = relu(branch(y, "2b", stride=second, dilation=dilation))
    y = branch(y, "2c")
    if f"res{tag}_branch1" in layers:
        x = branch(x, "1", stride=stride)
    return relu(x + y)


def convlstm_step(x, h, c, tensors):
    """One step of the attentive ConvLSTM: (h, c, attention [H, W])."""
    w_a, wa_b, u_a, ua_b, v_a = tensors[:5]
    gates = dict(zip(GATES, zip(tensors[5::2], tensors[6::2], strict=True), strict=True))
    e = conv(np.tanh(conv(h, w_a, wa_b) + conv(x, u_a, ua_b)), v_a)[0]
    a = softmax(e)
    attended = a * x
    i, f, o = (sigmoid(conv(attended, *gates[f"W{g}"]) + conv(h, *gates[f"U{g}"])) for g in "ifo")
    g = np.tanh(conv(attended, *gates["Wc"]) + conv(h, *gates["Uc"]))
    c = f * c + i * g
    return o * np.tanh(c), c, a


def convlstm(x, tensors, timesteps):
    """([h of each step], [attention of each step])."""
    h = c = np.zeros((len(tensors[0]), *x.shape[1:]))
    hidden, attention = [], []
    for _ in range(timesteps):
        h, c, a = convlstm_step(x, h, c, tensors)
        hidden.append(h)
        attention.append(a)
    return np.stack(hidden), np.stack(attention)


def priors(vector, height, width):
    """[N, H, W] Gaussians of a vector [4 N], every one over its own maximum on the grid."""
    mu_x, mu_y, sigma_x, sigma_y = np.asarray(vector, np.float64).reshape(4, -1)
    mu_x, mu_y = np.clip(mu_x, 0.25, 0.75), np.clip(mu_y, 0.35, 0.65)
    sigma_x, sigma_y = np.clip(sigma_x, 0.1, 0.9), np.clip(sigma_y, 0.2, 0.8)
    start = (1 - height / width) / 2
    x = np.linspace(0, 1, width)[None, :]
    y = np.linspace(start, start + height / width, height)[:, None]
    maps = []
    for mx, my, sx, sy in zip(mu_x, mu_y, sigma_x, sigma_y, strict=True):
        g = np.exp(-((x - mx) ** 2 / (2 * sx**2 + 1e-7) + (y - my) ** 2 / (2 * sy**2 + 1e-7)))
        maps.append(g / g.max())
    return np.stack(maps)


def upsample(x, ratio=16):
    """[H, W] -> [ratio H, ratio W]: the transposed convolution of the edge-padded map with the
    triangle of 2 ratio - 1 taps, cropped; on both axes."""
    triangle = np.concatenate([np.arange(1, ratio + 1), np.arange(ratio - 1, 0, -1)]) / ratio

    def along(line):
        padded = np.pad(line, 1, mode="edge")
        spread = np.zeros(ratio * len(padded))
        spread[::ratio] = padded
        start = ratio + ratio // 2  # puts source cell i at ratio i + ratio / 2 - 1
        return np.convolve(spread, triangle)[start : start + ratio * len(line)]

    return np.apply_along_axis(along, 1, np.apply_along_axis(along, 0, x))


def head(h, layers, ratio=16):
    """(scores after the last ReLU [h, w], map [ratio h, ratio w], priors) of a hidden state."""
    maps = [priors(layers[f"learningprior_{k}"][0], *h.shape[1:]) for k in (1, 2)]
    for k in (1, 2):
        w, b = layers[f"atrousconvolution2d_{k}"]
        h = relu(conv(np.concatenate([h, maps[k - 1]]), w, b, dilation=4))
    last = [name for name in layers if name.startswith("convolution2d_")][-1]
    low = relu(conv(h, *layers[last]))[0]
    return low, upsample(low, ratio), maps


def sam(image, layers, timesteps, ratio=16):
    """The whole network of uint8 RGB [H, W, 3], as a dict of what it gives on the way."""
    x = features = (vgg if "block1_conv1" in layers else resnet)(caffe(image), layers)
    if "convolution2d_1" in layers and len(layers["convolution2d_1"][0].shape) == 4:
        x = relu(conv(x, *layers["convolution2d_1"]))  # conv_feat, of SAM-ResNet
    hidden, attention = convlstm(x, layers["attentiveconvlstm_1"], timesteps)
    low, saliency, prior_maps = head(hidden[-1], layers, ratio)
    steps = {"backbone": features, "hidden": hidden, "attention": attention}
    return {**steps, "priors": prior_maps, "low": low, "map": saliency}
