"""Packages that only some uses need, and the one line that says how to install them.

`pip install samjax` brings what predicts, measures and crops. What else a use needs is imported
where it is used. An import that fails for want of it is told here, in one line, in place of a
traceback: by `told` in `samjax.parallel.surroundings` for every command and program, and by
`wanted_for` where a function of the Python interface needs an extra.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from samjax.errors import UserError

EXTRAS = {
    "train": (
        *("absl", "array_record", "fsspec", "google_crc32c", "grain", "ijson", "jinja2"),
        *("markupsafe", "matplotlib", "ml_collections", "optax", "orbax", "tensorboardX"),
        "tensorflow_datasets",
    ),
    "remote": ("gcsfs", "s3fs"),
    "hub": ("huggingface_hub",),
    "heif": ("pillow_heif",),
    "video": ("av",),
    "ui": ("fastapi", "multipart", "python_multipart", "starlette", "uvicorn"),
    "track": ("mlflow", "wandb"),
    "bench": ("onnx", "onnxruntime", "onnxscript", "openvino", "torch"),
    "demo": ("skimage",),
}
"""The packages of each extra of `pyproject.toml`, by the names that they are imported by."""

NOT_ON_WINDOWS = ("array_record",)


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install 'samjax[{extra}]'"


def remedy(package: str) -> str:
    """Return what a user can do where a package cannot be imported, "" if it is in no extra.

    Args:
        package: The name that it is imported by.
    """
    if package in NOT_ON_WINDOWS and sys.platform == "win32":
        return "it has no builds for Windows: use Linux, macOS or the Windows Subsystem for Linux"
    extras = (extra for extra, packages in EXTRAS.items() if package in packages)
    return next((f"run {how_to_install(extra)}" for extra in extras), "")


def about(error: ModuleNotFoundError, what: str = "this") -> UserError | None:
    """Return the line for an import that failed; None where no extra brings the package.

    Args:
        error: Of the import.
        what: What needs the package, in words for people.
    """
    package = (error.name or "").partition(".")[0]
    cure = remedy(package)
    if not cure:
        return None
    return UserError(f"{what} needs the package {package}, which is not installed; {cure}")


@contextmanager
def wanted_for(what: str) -> Iterator[None]:
    """Tell in one line that what the block imports is in an extra that is not installed.

    Args:
        what: What needs it, in words for people, such as "a work folder".

    Raises:
        UserError: A package of an extra is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if told := about(error, what):
            raise told from error
        raise


def tell_in_one_line() -> None:
    """Let this program end with one line where it imports, anywhere, what is in no base install."""
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, ModuleNotFoundError) and (told := about(error, "this program")):
            print(f"error: {told}", file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = tell
