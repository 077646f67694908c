"""ONNX Runtime and OpenVINO as the benchmark runs them: a prediction by PyTorch's exported network.

Both read the same ONNX file. They run on the CPU, on the cores that this process may use, with all
their optimisations; denormal numbers are set to zero, as on the other sides. OpenVINO may compute
in bfloat16; ONNX Runtime's CPU kernels cannot.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from experiments.bench import torch_side
from experiments.bench.case import NetworkCase, random_images
from experiments.bench.torch_mobilenet import UnisalSize
from experiments.bench.torch_sam import TorchSAM
from samjax.parallel.cores import usable_cores

FILE = "network.onnx"
PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}

Outputs = dict[str, np.ndarray]

# OpenVINO tells its maker of every import, from a process that it forks, unless it finds no package
# for that: then it takes a stand-in of its own.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


class Exported(nn.Module):
    """A network that gives a tuple of what of its output is compared."""

    def __init__(self, model: TorchSAM | UnisalSize) -> None:
        """Wrap a network."""
        super().__init__()
        self.model: TorchSAM | UnisalSize = model
        self.names: tuple[str, ...] = model.compared

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the outputs for images [B, 3, H, W]."""
        output = self.model(images)
        return tuple(getattr(output, name) for name in self.names)


def export(case: NetworkCase, variables: dict, folder: Path) -> Path:
    """Write the network, for this size of batch and image, as ONNX; once for each folder.

    Returns:
        The file, beside which another one may hold the weights.
    """
    path = folder / FILE
    if path.exists():
        return path
    module = Exported(torch_side.network(case, variables).eval())
    # It warns that torchvision is not there, which nothing here needs.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (torch_side.images(case),),
            path,
            input_names=["image"],
            output_names=list(module.names),
            dynamo=True,
            verbose=False,
        )
    return path


def images(case: NetworkCase) -> np.ndarray:
    """Return images [B, 3, H, W] of bytes."""
    return np.ascontiguousarray(random_images(case).transpose(0, 3, 1, 2))


def import_runtime(name: str) -> None:
    """Import ONNX Runtime or OpenVINO, before what is measured."""
    if name == "onnxruntime":
        import onnxruntime  # noqa: F401
    else:
        import openvino  # noqa: F401


def onnxruntime(path: Path, case: NetworkCase) -> Callable[[], Outputs]:
    """Return ONNX Runtime's program of a prediction."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = usable_cores()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names, feed = [output.name for output in session.get_outputs()], {"image": images(case)}

    def call() -> Outputs:
        return dict(zip(names, session.run(None, feed), strict=True))

    return call


def openvino(path: Path, case: NetworkCase) -> Callable[[], Outputs]:
    """Return OpenVINO's program of a prediction, in the case's type."""
    import openvino as ov

    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": PRECISIONS[case.dtype],
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": usable_cores(),
        "CPU_DENORMALS_OPTIMIZATION": True,
    }
    compiled = ov.Core().compile_model(path, "CPU", settings)
    request, batch = compiled.create_infer_request(), images(case)

    def call() -> Outputs:
        results = request.infer([batch])
        # Copied, because the next call writes into the same memory.
        return {port.any_name: np.array(results[port]) for port in compiled.outputs}

    return call
