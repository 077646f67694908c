"""PyTorch as the benchmark runs it: prediction and a training step, in several ways.

The ways, called variants, are "eager", "channels_last", and "compile", which is torch.compile. In
bfloat16 all of them autocast.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch

from experiments.bench import torch_weights
from experiments.bench.case import UNISAL_SIZE, NetworkCase, fields_of, random_batch, random_images
from experiments.bench.torch_loss import loss
from experiments.bench.torch_mobilenet import UnisalSize
from experiments.bench.torch_sam import TorchSAM

LEARNING_RATE = 1e-4
# Denormal numbers are set to zero, as XLA does it: squared gradients of a random network are
# denormal in places, which some CPUs compute a hundred times slower. Threads take this setting over
# when they start, so it comes before any operation.
torch.set_flush_denormal(True)
# The fastest of cuDNN's algorithms is found by trying, as XLA does it.
torch.backends.cudnn.benchmark = True


Outputs = dict[str, torch.Tensor]


def device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(case: NetworkCase) -> AbstractContextManager:
    """Return the context in which products have the case's type."""
    if case.dtype == "float32":
        return nullcontext()
    return torch.autocast(device().type, dtype=getattr(torch, case.dtype))


def network(case: NetworkCase, variables: dict, variant: str = "eager") -> TorchSAM | UnisalSize:
    """Return the network with samjax's variables, on the device."""
    if case.backbone == UNISAL_SIZE:
        model: TorchSAM | UnisalSize = UnisalSize()
    else:
        model = TorchSAM(fields_of(case))
        torch_weights.load(model, variables)
    layout: Any = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    return model.to(device(), memory_format=layout)


def images(case: NetworkCase, variant: str = "eager") -> torch.Tensor:
    """Return images [B, 3, H, W] on the device."""
    values = torch.tensor(random_images(case), device=device()).permute(0, 3, 1, 2)
    return values if variant == "channels_last" else values.contiguous()


def inputs(case: NetworkCase, variant: str = "eager") -> Outputs:
    """Return a batch on the device, with images [B, 3, H, W]."""
    batch = random_batch(case)
    del batch["image"]
    tensors = {name: torch.tensor(values, device=device()) for name, values in batch.items()}
    return tensors | {"image": images(case, variant)}


def predict(case: NetworkCase, variables: dict, variant: str = "eager") -> Callable[[], Outputs]:
    """Return the program of a prediction, which gives what of its output is compared."""
    model, batch = network(case, variables, variant).eval(), images(case, variant)
    # Not dynamic: each batch size gets a program of its own, as in JAX.
    forward = torch.compile(model, dynamic=False) if variant == "compile" else model

    def call() -> Outputs:
        with torch.inference_mode(), precision(case):
            output = forward(batch)
            return _finished({name: getattr(output, name) for name in model.compared})

    return call


def train_step(case: NetworkCase, variables: dict, variant: str = "eager") -> Callable[[], Outputs]:
    """Return the program of a training step; each call is one more step and gives its loss."""
    model, batch = network(case, variables, variant).train(), inputs(case, variant)
    optimizer = torch.optim.RMSprop(model.parameters(), LEARNING_RATE, alpha=0.9, eps=1e-8)

    def compute_loss() -> torch.Tensor:
        with precision(case):
            saliency = model(batch["image"]).saliency
        return loss(saliency.float(), batch["density"], batch["counts"])

    is_compiled = variant == "compile"
    forward = torch.compile(compute_loss, dynamic=False) if is_compiled else compute_loss

    def call() -> Outputs:
        optimizer.zero_grad()
        value = forward()
        value.backward()
        optimizer.step()
        return _finished({"loss": value.detach()})

    return call


def recurrence(kind: str, case: NetworkCase, variables: dict, features: np.ndarray) -> Callable:
    """Return the program of the attentive ConvLSTM alone, on features [B, h, w, F].

    Args:
        kind: "forward" for its last hidden state, "gradient" for the gradients of that one's sum.
        case: The network and its input.
        variables: Of SAM.
        features: What the recurrence looks at.
    """
    module = network(case, variables).get_submodule("attentive_convlstm")
    x = torch.tensor(features.transpose(0, 3, 1, 2).copy(), device=device())

    def forward() -> Outputs:
        with torch.inference_mode(), precision(case):
            return _finished({"hidden": module(x)[0].permute(0, 2, 3, 1)})

    def gradient() -> Outputs:
        with precision(case):
            total = module(x.requires_grad_())[0].float().sum()
        of_x, *_ = torch.autograd.grad(total, [x, *module.parameters()])
        return _finished({"of x": of_x.permute(0, 2, 3, 1)})

    return {"forward": forward, "gradient": gradient}[kind]


def _finished(outputs: Outputs) -> Outputs:
    """Wait until the device has finished; return the outputs."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return outputs
