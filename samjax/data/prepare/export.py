"""The images of a split as files again, to try prediction on."""

from pathlib import Path

from PIL import Image

from samjax.data.images import decode_stimulus
from samjax.data.sources import Source


def export_images(source: Source, folder: Path) -> int:
    """Write FOLDER/IMAGE_ID.png for every image of a split, and return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(len(source)):
        example = source[i]
        Image.fromarray(decode_stimulus(example.image)).save(folder / f"{example.image_id}.png")
    return len(source)
