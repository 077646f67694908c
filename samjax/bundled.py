"""The model in the box: the trained network that the wheel brings, used where none is named.

It is a weight file of our own format, float16, made by
`samjax convert WORKDIR samjax/weights/bundled/sam-small.safetensors --dtype float16`.
"""

from pathlib import Path

from samjax.errors import UserError

NAME = "sam-small"
"""The name by which it is chosen; another model gets another name."""

PATH = Path(__file__).parent / "weights" / "bundled" / f"{NAME}.safetensors"
MAX_BYTES = 12 * 2**20
"""How large the file may be, because every installation pays for it."""


def find() -> Path:
    """Return the file of the bundled model.

    Raises:
        UserError: This copy of samjax has none, as a checkout of before it was trained.
    """
    if not PATH.is_file():
        raise UserError(
            f"no model is named, and this copy of samjax brings none ({PATH} is missing); name the "
            "work folder of a training run, a weight file, or a published name such as "
            "sam-vgg_salicon"
        )
    return PATH
