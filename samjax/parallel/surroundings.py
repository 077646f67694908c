"""What a machine may lack, told in one line: devices, a home folder, or packages of an extra."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from samjax.errors import UserError, one_line
from samjax.extras import wanted_for

PLATFORMS = "JAX_PLATFORMS"
NO_PLATFORM = ("Unable to initialize backend", "Unknown backend", "No visible")
NO_HOME = "Could not determine home directory"
MAX_REASON = 160  # characters of JAX's own words


@contextmanager
def told() -> Iterator[None]:
    """Turn what the block raises for want of a device, a home folder or a package into one line.

    Raises:
        UserError: The machine lacks something.
    """
    try:
        with wanted_for("this"):
            yield
    except RuntimeError as error:
        text = one_line(error)
        if any(words in text for words in NO_PLATFORM):
            raise UserError(_about_platform(text)) from error
        if NO_HOME in text:
            raise UserError(
                "there is no home folder (HOME is not set, and this user has none); set HOME, or "
                "give whole paths and --data-dir"
            ) from error
        raise


def check_platform() -> None:
    """Check that JAX has the devices that the environment asks for.

    Raises:
        UserError: It has not.
    """
    import jax  # only now: it takes a second

    with told():
        try:
            jax.devices()
        except AssertionError as error:  # JAX's answer to the second question
            raise RuntimeError(NO_PLATFORM[0]) from error


def _about_platform(reason: str) -> str:
    asked = os.environ.get(PLATFORMS, "")
    what = f"{PLATFORMS}={asked}" if asked else "the devices of this machine"
    return (
        f"{what}: JAX cannot use it here ({reason[:MAX_REASON]}); unset {PLATFORMS}, or set it to "
        "cpu or to what this machine has"
    )
