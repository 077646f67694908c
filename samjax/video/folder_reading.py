"""A folder of frames as one clip, in the order of their names."""

import re
from collections.abc import Iterator
from pathlib import Path

from samjax.data.images import read_photo
from samjax.errors import UserError, one_line
from samjax.prediction.photo_search import judge
from samjax.video.frame import Clip, Frame
from samjax.video.options import VideoOptions


def open_folder(folder: Path, options: VideoOptions) -> Clip:
    """Return a folder of frames, which are read when they are asked for.

    Numbers in names count as numbers: frame9 comes before frame10. Sub-folders are not looked at.

    Raises:
        UserError: It holds no picture, or the first one cannot be read.
    """
    files = [path for path in folder.iterdir() if path.is_file() and path.name[0] != "."]
    paths = sorted((p for p in files if judge(p, files)[0] == "photo"), key=_natural)
    if not paths:
        raise UserError(f"{folder} holds no frame; --frames takes folders of pictures")
    first = read_photo(paths[0], options.max_pixels, upright=options.upright)
    size = first.shape[0], first.shape[1]

    def read(problems: list[str]) -> Iterator[Frame]:
        yield from _frames(paths, size, options, problems)

    return Clip(folder, size, options.frame_rate, len(paths), read)


def _natural(path: Path) -> tuple[list[str | int], str]:
    """Return what frames are sorted by: the numbers in a name as numbers, all else as text."""
    parts = re.split(r"([0-9]+)", path.name)
    return [int(part) if k % 2 else part for k, part in enumerate(parts)], path.name


def _frames(
    paths: list[Path], size: tuple[int, int], options: VideoOptions, problems: list[str]
) -> Iterator[Frame]:
    """Yield the frames; one that cannot be read is left out, and the time goes on."""
    for index, path in enumerate(paths):
        try:
            pixels = read_photo(path, options.max_pixels, upright=options.upright)
        except (UserError, OSError, MemoryError) as error:
            problems.append(one_line(error))
            continue
        if pixels.shape[:2] != size:
            height, width = pixels.shape[:2]
            problems.append(
                f"{path}: is {width} x {height}, but the first frame is {size[1]} x {size[0]}"
            )
            continue
        yield Frame(index + 1, index / options.frame_rate, 1 / options.frame_rate, pixels)
