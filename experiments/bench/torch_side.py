"""PyTorch as the benchmark runs it: prediction and a training step, in several ways.

"eager"; "channels_last"; "compile", which is torch.compile. In bfloat16 all of them autocast.
"""

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch

from experiments.bench import torch_weights
from experiments.bench.case import NetworkCase, batch_of
from experiments.bench.torch_loss import loss
from experiments.bench.torch_sam import TorchSAM

LEARNING_RATE = 1e-4
# As XLA does. Squared gradients of a random network are denormal in places, which some CPUs compute
# a hundred times slower. Threads take it over when they start, so it comes before any operation.
torch.set_flush_denormal(True)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(case: NetworkCase):
    if case.dtype == "float32":
        return nullcontext()
    return torch.autocast(device().type, dtype=getattr(torch, case.dtype))


def network(case: NetworkCase, variables: dict, variant: str = "eager") -> TorchSAM:
    model = TorchSAM(case.backbone, case.features, case.timesteps, case.gaussians, case.upsampling)
    torch_weights.load(model, variables)
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    return model.to(device(), memory_format=layout)


def inputs(case: NetworkCase, variant: str = "eager") -> dict[str, torch.Tensor]:
    batch = {name: torch.tensor(values, device=device()) for name, values in batch_of(case).items()}
    batch["image"] = batch["image"].permute(0, 3, 1, 2)
    if variant != "channels_last":
        batch["image"] = batch["image"].contiguous()
    return batch


def predict(case: NetworkCase, variables: dict, variant: str = "eager") -> Callable:
    model, images = network(case, variables, variant).eval(), inputs(case, variant)["image"]
    forward = torch.compile(model) if variant == "compile" else model

    def call():
        with torch.inference_mode(), precision(case):
            output = forward(images)
            return _finished({"saliency": output.saliency, "attention": output.attention})

    return call


def train_step(case: NetworkCase, variables: dict, variant: str = "eager") -> Callable:
    """Each call is one more step; it gives the loss."""
    model, batch = network(case, variables, variant).train(), inputs(case, variant)
    optimizer = torch.optim.RMSprop(model.parameters(), LEARNING_RATE, alpha=0.9, eps=1e-8)

    def loss_of():
        with precision(case):
            saliency = model(batch["image"]).saliency
        return loss(saliency.float(), batch["density"], batch["counts"])

    forward = torch.compile(loss_of) if variant == "compile" else loss_of

    def call():
        optimizer.zero_grad()
        value = forward()
        value.backward()
        optimizer.step()
        return _finished({"loss": value.detach()})

    return call


def recurrence(kind: str, case: NetworkCase, variables: dict, features: np.ndarray) -> Callable:
    """The attentive ConvLSTM alone on features [B, h, w, F], forward or its sum's gradient."""
    module = network(case, variables).attentive_convlstm
    x = torch.tensor(features.transpose(0, 3, 1, 2).copy(), device=device())

    def forward():
        with torch.inference_mode(), precision(case):
            return _finished({"hidden": module(x)[0].permute(0, 2, 3, 1)})

    def gradient():
        with precision(case):
            total = module(x.requires_grad_())[0].float().sum()
        of_x, *_ = torch.autograd.grad(total, [x, *module.parameters()])
        return _finished({"of x": of_x.permute(0, 2, 3, 1)})

    return {"forward": forward, "gradient": gradient}[kind]


def _finished(result):
    """The result on the host's side of a finished device."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return result
