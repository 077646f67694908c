"""The original files of published datasets, downloaded once into `<data_dir>/downloads/NAME`."""

import os
import shutil
from pathlib import Path

from samjax.data.raw.dataset_spec import DatasetSpec, Download
from samjax.errors import UserError
from samjax.files.download import fetch, fits


def downloads_folder(dataset: DatasetSpec, data_dir: Path) -> Path:
    return data_dir / "downloads" / dataset.name


def downloaded(dataset: DatasetSpec, data_dir: Path) -> Path:
    """The folder with all files of the dataset; what is missing is downloaded.

    Files that were put there by hand are taken, if they are as published. Raises UserError that
    tells what a person must do, and for what cannot be had.
    """
    again = f"samjax prepare {dataset.name}"
    if dataset.you_get or not dataset.downloads:
        what = dataset.you_get or "no address is published"
        raise UserError(
            f"{dataset.name} cannot be downloaded: {what}; then run `{again} --source PATH`"
        )
    folder = downloads_folder(dataset, data_dir)
    for download in dataset.downloads:
        path = folder / download.file
        if download.manual and not path.is_file():
            raise UserError(
                f"{download.file} of {dataset.name}: {download.manual} ({download.url}); put it in "
                f"{folder} and run `{again}` again"
            )
    for download in dataset.downloads:
        _have(download, folder / download.file)
    return folder


def _have(download: Download, path: Path):
    digest = f"md5:{download.md5}" if download.md5 else ""
    if path.is_file():
        if not fits(path, digest):
            raise UserError(
                f"{path} has not the published checksum {digest}; delete it to download it again"
            )
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if digest and _borrow(path, digest):
        return
    free = shutil.disk_usage(path.parent).free
    if download.size > free:
        raise UserError(
            f"{download.file} has {download.size:,} bytes and {path.parent} only {free:,} free; "
            "make room, or give another --data-dir"
        )
    fetch(download.url, path, digest)


def _borrow(path: Path, digest: str) -> bool:
    """Links the same file of another edition, such as the images that editions share."""
    for other in path.parent.parent.glob(f"*/{path.name}"):
        if fits(other, digest):
            os.link(other, path)
            return True
    return False
