"""The images of a split as files again, to try prediction on."""

from pathlib import Path

from PIL import Image

from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.errors import UserError


def export_images(source: Source, folder: Path) -> int:
    """Write FOLDER/IMAGE_ID.png for every image of a split, and return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(len(source)):
        example = source[i]
        path = folder / f"{example.image_id}.png"
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UserError(f"image id '{example.image_id}' leads out of {folder}; rename it")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(decode_stimulus(example.image)).save(path)
    return len(source)
