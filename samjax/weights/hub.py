"""Weights in a repository of a hub, Hugging Face's or one that speaks its routes.

A repository that `samjax push` wrote has our own weight file as `model.safetensors` and the model
card as `README.md`. All transfers are those of the package huggingface_hub, so its cache, its token
and its environment variables (HF_ENDPOINT, HF_HOME, HF_HUB_OFFLINE, ...) count here as everywhere.
The package is imported only when a hub is named.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from samjax.errors import UserError, one_line

PREFIX = "hf:"
FILE = "model.safetensors"
CARD = "README.md"
_FORM = re.compile(r"hf:(?P<owner>\w[\w.-]*)/(?P<name>\w[\w.-]*)(?:@(?P<revision>\S+))?")


class Reference(NamedTuple):
    """A repository of a hub.

    Attributes:
        repository: OWNER/NAME.
        revision: A branch, a tag or a commit; "" for the latest commit of the main branch.
    """

    repository: str
    revision: str = ""

    def __str__(self) -> str:
        return f"{PREFIX}{self.repository}" + (f"@{self.revision}" if self.revision else "")


class Commit(NamedTuple):
    """A commit of a repository.

    Attributes:
        name: Its hexadecimal name, which is a revision.
        address: Of its page.
    """

    name: str
    address: str


def is_reference(source: str | Path) -> bool:
    """Return whether a source of weights names a repository of a hub."""
    return str(source).startswith(PREFIX)


def parse(text: str) -> Reference:
    """Return the repository that a text names; UserError if it is not of the form."""
    match = _FORM.fullmatch(text)
    if not match:
        raise UserError(
            f"{text} names no repository; write {PREFIX}OWNER/NAME or {PREFIX}OWNER/NAME@REVISION"
        )
    return Reference(f"{match['owner']}/{match['name']}", match["revision"] or "")


def find(reference: Reference, offline: bool = False) -> Path:
    """Return the weight file of a repository in the hub's cache, and download it first if needed.

    A file of a revision that is a whole commit is not asked for again. Of a branch, the latest
    commit is asked for, and the one in the cache taken where the hub cannot be reached.

    Args:
        reference: The repository.
        offline: Whether to take the file from the cache only.

    Raises:
        UserError: In one line, why the file cannot be had.
    """
    package = _package()
    with _told_in_one_line(reference, package, offline):
        path = package.hf_hub_download(
            reference.repository,
            FILE,
            revision=reference.revision or None,
            local_files_only=offline,
            library_name="samjax",
        )
    return Path(path)


def upload(
    reference: Reference, weights_file: Path, card: str, *, private: bool | None, message: str
) -> Commit:
    """Make one commit of a weight file and its card, and the repository if there is none.

    Args:
        reference: The repository, without a revision.
        weights_file: Our own weight file.
        card: The text of the model card.
        private: Whether a new repository is private; None for the owner's default.
        message: Of the commit.

    Raises:
        UserError: In one line, why nothing was uploaded.
    """
    package = _package()
    with _told_in_one_line(reference, package):
        api = package.HfApi(library_name="samjax")
        api.create_repo(reference.repository, private=private, exist_ok=True)
        add = package.CommitOperationAdd
        commit = api.create_commit(
            reference.repository,
            [add(FILE, str(weights_file)), add(CARD, card.encode())],
            commit_message=message,
        )
    return Commit(commit.oid, commit.commit_url)


def check_upload(reference: Reference) -> None:
    """Check, before any work is done, what an upload needs.

    Raises:
        UserError: huggingface_hub is not installed, is offline or has no token, or a revision is
            named.
    """
    package = _package()
    if reference.revision:
        raise UserError(
            f"{reference}: a push makes a new commit on the main branch; leave "
            f"@{reference.revision} out"
        )
    if package.constants.HF_HUB_OFFLINE:
        raise UserError(f"{reference}: HF_HUB_OFFLINE is set; unset it to push")
    if not package.get_token():
        raise UserError(f"{reference}: no token to push with; run `hf auth login` or set HF_TOKEN")


def _package() -> ModuleType:
    """Return the package huggingface_hub; UserError says how to get it."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    except ImportError as error:
        raise UserError(
            f"{PREFIX} needs the package huggingface_hub; run pip install 'samjax[hub]'"
        ) from error
    return huggingface_hub


@contextmanager
def _told_in_one_line(
    reference: Reference, package: ModuleType, offline: bool = False
) -> Iterator[None]:
    """Turn what the package raises into a UserError; the disk's own errors pass."""
    errors: Any = package.errors
    # The base classes of its HTTP errors are those of the HTTP library, which differs by version.
    of_network = (*errors.HfHubHTTPError.__bases__, ConnectionError)
    try:
        yield
    except errors.LocalEntryNotFoundError as error:
        raise UserError(_not_in_cache(reference, package, offline, error)) from error
    except (errors.EntryNotFoundError, ValueError, *of_network) as error:
        if isinstance(error, OSError) and error.filename:  # the disk's
            raise
        raise UserError(f"{reference}: {_reason(error, reference, package)}") from error


def _not_in_cache(
    reference: Reference, package: ModuleType, offline: bool, error: Exception
) -> str:
    """Return why a file that is not in the cache was not fetched either."""
    if offline or package.constants.HF_HUB_OFFLINE:
        switch = "--offline" if offline else "HF_HUB_OFFLINE"
        return f"{reference} is not in the hub's cache and {switch} is set; fetch it once without"
    return f"{reference}: {_reason(error.__cause__ or error, reference, package)}"


def _reason(error: BaseException, reference: Reference, package: ModuleType) -> str:
    """Return what an error of the package means, and what to do."""
    errors: Any = package.errors
    endpoint = package.constants.ENDPOINT
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{endpoint} gives it only to those who asked; accept its terms there and set HF_TOKEN"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{reference.repository} has no revision {reference.revision or 'main'}; leave @ out"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"{endpoint} has no such repository, or it is private; check the name, or set HF_TOKEN"
        )
    if isinstance(error, errors.EntryNotFoundError):
        return f"it has no {FILE}, so no weights of samjax; `samjax push` writes such repositories"
    if status in (401, 403):
        return f"{endpoint} refuses it ({status}); set HF_TOKEN to a token with that permission"
    if status is not None:
        return f"{endpoint} answers {status} ({one_line(str(error))}); try again later"
    if isinstance(error, ValueError):
        return one_line(str(error))
    return f"cannot reach {endpoint} ({one_line(str(error))}); check the network or HF_ENDPOINT"
