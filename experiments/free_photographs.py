"""Photographs of installed packages that may be redistributed, with their credits."""

import importlib.util
import shutil
from pathlib import Path
from typing import NamedTuple


class Photograph(NamedTuple):
    """A photograph in an installed package, and the terms on which it is there."""

    package: str
    path: str  # in the package's folder
    credit: str


PUBLIC_DOMAIN, CC0 = "public domain", "CC0"
PHOTOGRAPHS = (
    Photograph("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", f"US Navy, {PUBLIC_DOMAIN}"),
    Photograph("skimage", "data/astronaut.png", f"NASA, {PUBLIC_DOMAIN}"),
    Photograph("skimage", "data/chelsea.png", f"Stefan van der Walt, {CC0}"),
    Photograph("skimage", "data/coffee.png", f"Rachel Michetti, {CC0}"),
    Photograph("skimage", "data/rocket.jpg", f"SpaceX, {PUBLIC_DOMAIN}"),
    Photograph("sklearn", "datasets/images/china.jpg", "danielbuechele on Flickr, CC BY 2.0"),
    Photograph("sklearn", "datasets/images/flower.jpg", "vultilion on Flickr, CC BY 2.0"),
)


def collect(folder: Path) -> list[Photograph]:
    """Copy the photographs of the installed packages into a folder, with their credits.

    Args:
        folder: Made if it is not there; files of other names in it stay.

    Returns:
        The photographs that are there now. `CREDITS.txt` beside them names their owners and terms.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = []
    for photograph in PHOTOGRAPHS:
        spec = importlib.util.find_spec(photograph.package)
        if spec is None or spec.origin is None:
            continue
        source = Path(spec.origin).parent / photograph.path
        if source.is_file():  # a package may leave its data out
            shutil.copyfile(source, folder / source.name)
            there.append(photograph)
    lines = [f"{Path(p.path).name}: {p.credit} (from {p.package})\n" for p in there]
    (folder / "CREDITS.txt").write_text("".join(lines), "utf-8")
    return there
