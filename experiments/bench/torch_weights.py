"""samjax's variables as the state of `TorchSAM`: the same network in PyTorch's names and layout."""

from collections.abc import Iterator

import numpy as np
import torch
from flax.traverse_util import flatten_dict

from experiments.bench.torch_sam import GATES

RENAMED = {"kernel": "weight", "scale": "weight", "mean": "running_mean", "var": "running_var"}


def state_dict(variables: dict) -> dict[str, torch.Tensor]:
    """Return the tensors of TorchSAM by name, from {"params": ..., "batch_stats": ...} of SAM."""
    state = {}
    for collection in variables.values():
        for path, array in flatten_dict(collection).items():
            for name, part in _parts(path, np.asarray(array)):
                state[name] = torch.tensor(np.ascontiguousarray(part))
    return state


def _parts(path: tuple[str, ...], array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield a variable's name and values in PyTorch, where W and U are four convolutions each."""
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)  # [rows, columns, in, out] -> [out, in, rows, columns]
    layers = [layer for layer in path[:-1] if layer not in ("cell", "priors")]
    leaf = path[-1]
    if leaf.startswith("W_"):  # W_kernel and W_bias of the recurrence
        layers, leaf = [*layers, "W"], leaf.removeprefix("W_")
    leaf = RENAMED.get(leaf, leaf)
    if layers[-1] in ("W", "U"):
        for gate, quarter in zip(GATES, np.split(array, 4), strict=True):
            yield ".".join([*layers[:-1], f"{layers[-1]}_{gate}", leaf]), quarter
    elif layers[-1].startswith("prior_block") and leaf not in ("gaussians", "logits"):
        yield ".".join([*layers, "conv", leaf]), array
    else:
        yield ".".join([*layers, leaf]), array


def load(model: torch.nn.Module, variables: dict) -> None:
    """Copy all of SAM's variables into a `TorchSAM`.

    Raises:
        RuntimeError: A variable of either side has no counterpart.
    """
    missing, unexpected = model.load_state_dict(state_dict(variables), strict=False)
    # PyTorch counts the batches that a batch norm has seen, and makes no use of it here.
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise RuntimeError(f"no counterpart of {[*missing, *unexpected]}")
