"""One example of data: the features that every builder writes, and the record that readers get.

Fixations are (x, y) in pixels of the original stimulus, 0-based; an integer is a pixel's centre.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

DEFAULT_SIGMA_FRACTION = 0.03
"""Sigma of one degree as a fraction of the longer side, where a dataset does not say it.

The known datasets lie between 2.5 % (EyeCrowd) and 3.1 % (Scene, 256 x 256).
"""


FIELDS = {"fixations": "points"}
"""Features of the stored record whose field in `Example` has another name."""

PER_FIXATION = ("points", "subject", "duration_ms", "order")
"""The fields with one row per fixation."""


@dataclass
class Example:
    """One decoded record with N fixations.

    Attributes:
        image: Encoded bytes as published (JPEG, PNG, ...). Their size in pixels may differ from the
            stimulus.
        image_id: The file name without its ending.
        height: Of the original stimulus, in pixels.
        width: Likewise.
        points: [N, 2] float32, fixations as (x, y); the record's feature `fixations`.
        subject: [N] int32, who made the fixation; -1 if unknown.
        duration_ms: [N] float32, how long it lasted; nan if unknown.
        order: [N] int32, the rank of the fixation in its trial, from 0; -1 if unknown.
        density: The published map as an encoded image; empty if none ships.
        sigma_px: The standard deviation of one degree of visual angle, in original pixels.
    """

    image: bytes
    image_id: str
    height: int
    width: int
    points: np.ndarray
    subject: np.ndarray
    duration_ms: np.ndarray
    order: np.ndarray
    density: bytes = b""
    sigma_px: float = math.nan

    @classmethod
    def from_record(cls, record: dict[str, Any], sigma_px: float) -> "Example":
        """Return the example of a record as it is stored, with features named as in `features`."""
        fields = {FIELDS.get(name, name): value for name, value in record.items()}
        return cls(**fields, sigma_px=sigma_px)

    def record(self) -> dict[str, Any]:
        """Return the features that are stored; sigma belongs to the dataset, not to the record."""
        return {name: getattr(self, FIELDS.get(name, name)) for name in features()}

    def check(self) -> None:
        """Raise ValueError if the columns have different lengths, or the size is none."""
        lengths = {name: len(getattr(self, name)) for name in PER_FIXATION}
        for name, length in lengths.items():
            if length != lengths["points"]:
                raise ValueError(f"{name} has {length} values for {lengths['points']} fixations")
        if self.height < 1 or self.width < 1:
            raise ValueError(f"its size is {self.width} x {self.height}")

    @property
    def fixations(self) -> np.ndarray:
        """The points, by the name that the stored feature has."""
        return self.points

    def select(self, kept: np.ndarray) -> "Example":
        """Return the example with only the fixations where `kept`, bool [N], is true."""
        columns: dict[str, Any] = {name: getattr(self, name)[kept] for name in PER_FIXATION}
        return replace(self, **columns)


class Examples(Protocol):
    """Random access to the examples of a dataset's split, or of a part of it."""

    def __len__(self) -> int:
        """Return the number of examples."""
        ...

    def __getitem__(self, i: int, /) -> Example:
        """Return example number `i`."""
        ...


def features() -> "tfds.features.FeaturesDict":
    """Return the features of a stored record, the same for every dataset."""
    import tensorflow_datasets as tfds  # only to prepare datasets and to read them

    return tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=(None, None, 3)),
            "image_id": tfds.features.Text(),
            "height": np.int32,
            "width": np.int32,
            "fixations": tfds.features.Tensor(shape=(None, 2), dtype=np.float32),
            "subject": tfds.features.Tensor(shape=(None,), dtype=np.int32),
            "duration_ms": tfds.features.Tensor(shape=(None,), dtype=np.float32),
            "order": tfds.features.Tensor(shape=(None,), dtype=np.int32),
            # Text, because bytes pass through it untouched and it may be empty; Image may not.
            "density": tfds.features.Text(),
        }
    )


@dataclass(frozen=True)
class Sigma:
    """The standard deviation of one degree of visual angle; exactly one of two is given.

    Attributes:
        pixels: In original pixels; if `screen` is given, in pixels of the screen.
        fraction: As a fraction of the image's longer side.
        screen: (height, width) of the screen that every image was enlarged to fill at its own
            aspect.
    """

    pixels: float | None = None
    fraction: float | None = None
    screen: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check that sigma is given in exactly one way."""
        if (self.pixels is None) == (self.fraction is None):
            raise ValueError("give Sigma exactly one of pixels and fraction")

    def of(self, height: int, width: int) -> float:
        """Return sigma in original pixels of an image of this size."""
        if self.pixels is None:
            assert self.fraction is not None
            return self.fraction * max(height, width)
        if self.screen is None:
            return self.pixels
        return self.pixels / min(self.screen[0] / height, self.screen[1] / width)


@dataclass(frozen=True)
class Facts:
    """What is known of a dataset as a whole; stored beside its records.

    Attributes:
        sigma: One degree of visual angle.
        edition: Which publication or release of the dataset this is.
        split_recipe: How the images were divided into splits.
        pixels_per_degree: Of the original stimulus; None if unknown.
        description: What the dataset is, in a few sentences.
        citation: The paper to cite.
        licence: On what terms it may be used.
    """

    sigma: Sigma
    edition: str = ""
    split_recipe: str = ""
    pixels_per_degree: float | None = None
    description: str = ""
    citation: str = ""
    licence: str = ""

    def metadata(self) -> "tfds.core.MetadataDict":
        """Return the facts as TFDS stores them."""
        import tensorflow_datasets as tfds

        sigma = {"pixels": self.sigma.pixels, "fraction": self.sigma.fraction}
        screen = list(self.sigma.screen) if self.sigma.screen else None
        return tfds.core.MetadataDict(
            edition=self.edition,
            split_recipe=self.split_recipe,
            sigma={**sigma, "screen": screen},
            pixels_per_degree=self.pixels_per_degree,
            description=self.description,
            citation=self.citation,
            licence=self.licence,
        )

    @classmethod
    def from_metadata(cls, metadata: dict[str, Any]) -> "Facts":
        """Return the facts that `metadata` stored."""
        fields = dict(metadata)
        sigma = dict(fields.pop("sigma"))
        screen = sigma.pop("screen")
        return cls(sigma=Sigma(**sigma, screen=tuple(screen) if screen else None), **fields)
