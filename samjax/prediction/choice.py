"""Which weights a predictor is made of: those that are named, or the bundled ones, told once."""

import functools
from pathlib import Path

from samjax.console.log import log
from samjax.weights import Pretrained, bundled, load


def read_choice(source: str | Path | None, offline: bool = False) -> Pretrained:
    """Return the weights of a work folder, a file, a name or a repository of a hub.

    Args:
        source: What the user named; None for the bundled model, which is told on standard error.
        offline: Whether nothing may be downloaded.

    Raises:
        UserError: It cannot be read.
    """
    if source is None:
        weights = load(bundled.NAME)
        _tell((weights.input_size, *weights.buckets))
        return weights
    if Path(source).is_dir():
        # Imported only now: training brings its data and optimisers, which take half a second.
        from samjax.training.restore import read_weights

        return read_weights(source)
    return load(source, offline=offline)


@functools.cache
def _tell(sizes: tuple[tuple[int, int], ...]) -> None:
    """Say, once in a process, that the bundled model is used; sizes: of its inputs."""
    inputs = ", ".join(f"{height}x{width}" for height, width in sizes)
    log(
        f"using the bundled model {bundled.NAME} (input {inputs}, height x width); --weights, or "
        "samjax.load(WEIGHTS), chooses another"
    )
