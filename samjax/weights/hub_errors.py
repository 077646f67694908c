"""What goes wrong with a hub, in one line: each error of huggingface_hub with its remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from samjax.errors import UserError, one_line


@contextmanager
def told_in_one_line(
    reference: str, file: str, package: ModuleType, offline: bool = False
) -> Iterator[None]:
    """Turn what the package raises into a UserError; the disk's own errors pass.

    Args:
        reference: The repository, as the user names it.
        file: The file that is asked for.
        package: huggingface_hub.
        offline: Whether the network was not to be tried.
    """
    errors: Any = package.errors
    # The base classes of its HTTP errors are those of the HTTP library, which differs by version.
    of_network = (*errors.HfHubHTTPError.__bases__, ConnectionError)
    try:
        yield
    except errors.LocalEntryNotFoundError as error:
        if offline or package.constants.HF_HUB_OFFLINE:
            switch = "--offline" if offline else "HF_HUB_OFFLINE"
            raise UserError(
                f"{reference} is not in the hub's cache and {switch} is set; fetch it once without"
            ) from error
        reason = _reason(error.__cause__ or error, file, package)
        raise UserError(f"{reference}: {reason}") from error
    except (errors.EntryNotFoundError, ValueError, RuntimeError, *of_network) as error:
        # What happens while a file is sent is wrapped in a RuntimeError.
        wrapped = error.__cause__ if isinstance(error, RuntimeError) else None
        if _is_of_disk(error):
            raise
        raise UserError(f"{reference}: {_reason(wrapped or error, file, package)}") from error


def _is_of_disk(error: BaseException) -> bool:
    """Return whether the system could not read or write a file; the HTTP errors have no number."""
    of_network = isinstance(error, ConnectionError | TimeoutError)
    return isinstance(error, OSError) and error.errno is not None and not of_network


def _reason(error: BaseException, file: str, package: ModuleType) -> str:
    """Return what an error of the package means, and what to do."""
    errors: Any = package.errors
    endpoint = package.constants.ENDPOINT
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{endpoint} gives it only to those who asked; accept its terms there and set HF_TOKEN"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return "the repository has no such revision; leave @REVISION out, or name another"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"{endpoint} has no such repository, or it is private; check the name, or set HF_TOKEN"
        )
    if isinstance(error, errors.EntryNotFoundError):
        return f"it has no {file}, so no weights of samjax; `samjax push` writes such repositories"
    if status in (401, 403):
        return f"{endpoint} refuses it ({status}); set HF_TOKEN to a token with that permission"
    if status is not None:
        return f"{endpoint} answers {status} ({one_line(str(error))}); try again later"
    if isinstance(error, ValueError | RuntimeError):
        return one_line(str(error))
    return f"cannot reach {endpoint} ({one_line(str(error))}); check the network or HF_ENDPOINT"
