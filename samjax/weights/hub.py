"""Weights in a repository of a hub, Hugging Face's or one that speaks its routes.

A repository that `samjax push` wrote has our own weight file as `model.safetensors` and the model
card as `README.md`. All transfers are those of the package huggingface_hub, so its cache, its token
and its environment variables (HF_ENDPOINT, HF_HOME, HF_HUB_OFFLINE, ...) count here as everywhere.
The package is imported only when a hub is named.
"""

import re
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from samjax.errors import UserError
from samjax.extras import wanted_for
from samjax.weights.hub_errors import told_in_one_line

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
        """Return the reference as a user writes it."""
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
    with told_in_one_line(str(reference), FILE, package, offline):
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
    with told_in_one_line(str(reference), FILE, package):
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
    with wanted_for(PREFIX):
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    return huggingface_hub
