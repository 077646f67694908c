"""The weights of a predictor: of a work folder, a file, a name or a repository of a hub."""

from pathlib import Path

from samjax.extras import wanted_for
from samjax.files.address import is_address
from samjax.weights import Pretrained, load


def read_choice(source: str | Path, offline: bool = False) -> Pretrained:
    """Return the weights that a user named.

    Args:
        source: A work folder or the address of one, a file, a name or a repository of a hub.
        offline: Whether nothing may be downloaded.

    Raises:
        UserError: They cannot be read.
    """
    if is_address(source) or Path(source).is_dir():
        # Imported only now: training brings its data and optimisers, which take half a second.
        with wanted_for(f"{source}: the work folder of a training"):
            from samjax.training.restore import read_weights

        return read_weights(source)
    return load(source, offline=offline)
