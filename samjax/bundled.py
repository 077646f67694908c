"""The models in the box: the trained networks that the wheel brings.

They are weight files of our own format, float16, made by
`samjax convert WORKDIR samjax/weights/bundled/NAME.safetensors --dtype float16`.
"""

from pathlib import Path

from samjax.errors import UserError

NAME = "sam-small"
"""The model that is used where none is named."""

TIMED = "sam-small-times"
"""The same with viewing times: its timesteps show where people have looked by .5, 1 and 3 s."""

NAMES = (NAME, TIMED)
"""What the wheel brings; another model gets another name."""

FOLDER = Path(__file__).parent / "weights" / "bundled"
MAX_BYTES = 12 * 2**20
"""How large all files together may be, because every installation pays for them."""


def path_of(name: str) -> Path:
    """Return where the file of a bundled model is, whether it is there or not."""
    return FOLDER / f"{name}.safetensors"


def find(name: str = NAME) -> Path:
    """Return the file of a bundled model.

    Raises:
        UserError: This copy of samjax has none, as a checkout of before it was trained.
    """
    path = path_of(name)
    if not path.is_file():
        raise UserError(
            f"this copy of samjax does not bring the model {name} ({path} is missing); name the "
            "work folder of a training run, a weight file, or a published name such as "
            "sam-vgg_salicon"
        )
    return path
