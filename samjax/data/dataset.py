"""Prepared datasets on disk: where they are, and what is known of each as a whole."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from samjax.data.example import Facts, Sigma
from samjax.errors import UserError

INFO = "*/dataset_info.json"
"""The file that shows a prepared version, relative to the dataset's folder."""


def default_data_dir() -> Path:
    """Return the folder of prepared datasets: $TFDS_DATA_DIR, or ~/tensorflow_datasets.

    Raises:
        UserError: The first is not set, and the user has no home folder.
    """
    try:
        return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    except RuntimeError as error:
        raise UserError(
            "there is no home folder for prepared datasets; give --data-dir, or set TFDS_DATA_DIR"
        ) from error


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset.

    Attributes:
        name: Its name.
        directory: Its folder, `<data_dir>/<name>/<version>`.
        facts: What is known of it as a whole.
        splits: The number of examples of each split.
        address: Where its shards are fetched from if it is elsewhere, else empty; `directory` is
            then a local mirror.
    """

    name: str
    directory: Path
    facts: Facts
    splits: dict[str, int] = field(hash=False)
    address: str = ""

    @property
    def edition(self) -> str:
        """Which publication or release of the dataset this is."""
        return self.facts.edition

    @property
    def sigma(self) -> Sigma:
        """One degree of visual angle."""
        return self.facts.sigma

    @property
    def citation(self) -> str:
        """The paper to cite."""
        return self.facts.citation

    @property
    def licence(self) -> str:
        """On what terms the dataset may be used."""
        return self.facts.licence

    def sigma_px(self, height: int, width: int) -> float:
        """Return sigma of one degree in original pixels, for a stimulus of this size."""
        return self.facts.sigma.of(height, width)


def prepared(data_dir: Path | None = None) -> list[str]:
    """Return the names of the datasets that are prepared in a folder, in order.

    Args:
        data_dir: The folder; None for the default one.
    """
    root = Path(data_dir or default_data_dir())
    # Folders that begin with a dot are datasets still being written.
    return sorted({info.parts[-3] for info in root.glob("[!.]*/*/dataset_info.json")})
