"""Examples made in memory, where a test needs no prepared dataset."""

import numpy as np
from table_files import encoded

from samjax.data.decoding import Decoded, DecodedSource
from samjax.data.example import Example


def make_example(
    image: np.ndarray | bytes,
    points: np.ndarray | list = (),
    height: int | None = None,
    width: int | None = None,
    image_id: str = "x",
    **fields: object,
) -> Example:
    """Return an example of an image [H, W, 3] and its points [N, 2], all by one subject.

    height, width: The original size, where the image is stored at another one.
    fields: Other fields of the example, in place of their defaults.
    """
    points = np.array(points, np.float32).reshape(-1, 2)
    if isinstance(image, np.ndarray):
        height, width = height or image.shape[0], width or image.shape[1]
        image = encoded(image)
    defaults = {
        "subject": np.zeros(len(points), np.int32),
        "duration_ms": np.zeros(len(points), np.float32),
        "order": np.zeros(len(points), np.int32),
        "sigma_px": 5.0,
    }
    return Example(image, image_id, height, width, points, **defaults | fields)


def flat_examples(sizes: list[tuple[int, int]]) -> list[Example]:
    """Return one example per size: image number n is of the grey level 40 + n."""
    return [
        make_example(
            np.full((height, width, 3), 40 + n, np.uint8),
            [[width / 2, height / 2]],
            image_id=str(n),
        )
        for n, (height, width) in enumerate(sizes)
    ]


def decode(example: Example, index: int = 0) -> Decoded:
    """Return the example with its image decoded, as number `index` of all sources."""
    return DecodedSource([example], range(1), index)[0]
