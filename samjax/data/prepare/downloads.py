"""The original files of published datasets, downloaded once into `<data_dir>/downloads/NAME`."""

import os
import shutil
from pathlib import Path

from samjax.data.raw.dataset_spec import DatasetSpec, Download
from samjax.errors import UserError
from samjax.files.download import fetch, fits


def downloads_folder(dataset: DatasetSpec, data_dir: Path) -> Path:
    """Return the folder in which a dataset's original files are kept."""
    return data_dir / "downloads" / dataset.name


def downloaded(dataset: DatasetSpec, data_dir: Path) -> Path:
    """Return the folder with all files of the dataset. What is missing is downloaded.

    Files that were put there by hand are taken, if they are as published.

    Args:
        dataset: The description of the dataset.
        data_dir: Where prepared datasets are.

    Raises:
        UserError: A person must do something first, or a file cannot be had.
    """
    command = f"samjax prepare {dataset.name}"
    if dataset.user_must_get or not dataset.downloads:
        what = dataset.user_must_get or "no address is published"
        raise UserError(
            f"{dataset.name} cannot be downloaded: {what}; then run `{command} --source PATH`"
        )
    folder = downloads_folder(dataset, data_dir)
    # Before any download, which may take hours.
    for download in dataset.downloads:
        path = folder / download.file
        if download.manual and not path.is_file():
            raise UserError(
                f"{download.file} of {dataset.name}: {download.manual} ({download.url}); put it in "
                f"{folder} and run `{command}` again"
            )
    for download in dataset.downloads:
        _ensure(download, folder / download.file)
    return folder


def _ensure(download: Download, path: Path) -> None:
    """Download a file unless it is there, or a copy of it."""
    digest = f"md5:{download.md5}" if download.md5 else ""
    if path.is_file():
        if not fits(path, digest):
            raise UserError(
                f"{path} has not the published checksum {digest}; delete it to download it again"
            )
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a checksum nothing says that a file of the same name is the same file.
    if digest and _link_copy(path, digest):
        return
    # Better told now than when the disk is full, after hours.
    free = shutil.disk_usage(path.parent).free
    if download.size > free:
        raise UserError(
            f"{download.file} has {download.size:,} bytes and {path.parent} only {free:,} free; "
            "make room, or give another --data-dir"
        )
    fetch(download.url, path, digest)


def _link_copy(path: Path, digest: str) -> bool:
    """Link the same file of another edition, such as the images that editions share.

    Returns:
        Whether there was such a file.
    """
    for other in path.parent.parent.glob(f"*/{path.name}"):
        if fits(other, digest):
            try:
                os.link(other, path)
            except OSError:  # a file system without links
                shutil.copyfile(other, path)
            return True
    return False
