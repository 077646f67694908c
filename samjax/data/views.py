"""A fixed number of views of each image, in place of changes that are drawn anew each time.

View 0 is the image as it is. View 1 is mirrored, where images are mirrored at all. The further ones
are drawn once, as training draws them, by a generator that goes with the name of the image and the
number of the view. So a view is the same in every run, whatever its seed and its other data, and
what a frozen backbone makes of it needs to be computed only once.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from samjax.data.decoding import Decoded
from samjax.data.geometry import letterbox
from samjax.data.rendering import Element, Render
from samjax.data.transforms import Augment, TrainTransform
from samjax.data.window import Window


@dataclass(frozen=True)
class FixedViews:
    """Draws one of the views of an example.

    Attributes:
        render: Draws what a view shows.
        augment: How many views there are, and how the drawn ones are drawn.
    """

    render: Render
    augment: Augment

    def __call__(self, decoded: Decoded, rng: np.random.Generator) -> Element:
        """Return a training element: one of the views, each as likely as the others."""
        view = int(rng.integers(self.augment.views))
        if decoded.stored is not None:
            return self.render.stored(decoded, view)
        return self.show(decoded, view)[1]

    def show(self, decoded: Decoded, view: int) -> tuple[Window, Element]:
        """Return the window of a view of an example whose image is decoded, and what it shows."""
        assert decoded.example is not None
        if view < plain_views(self.augment.flip):
            example, canvas = decoded.example, self.render.input_size
            whole = letterbox(example.height, example.width, *canvas)
            window = replace(whole, flip=view == 1)
            return window, self.render(decoded, window)
        name = zlib.crc32(decoded.example.image_id.encode())
        rng = np.random.default_rng((name, view))
        return TrainTransform(self.render, self.augment).draw(decoded, rng)


def plain_views(flip: bool) -> int:
    """Return how many views come before those that are drawn: as it is, and mirrored."""
    return 2 if flip else 1


def training_transform(
    render: Render, augment: Augment
) -> Callable[[Decoded, np.random.Generator], Element]:
    """Return what makes a training element of a decoded example and its generator."""
    return FixedViews(render, augment) if augment.views else TrainTransform(render, augment)
