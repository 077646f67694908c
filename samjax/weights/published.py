"""The published weight files by name: their addresses, and their checksums where known.

Where the published addresses cannot be reached, $SAMJAX_WEIGHTS_MIRROR names one that has the same
files under the same names, as in https://mirror.example.org/samjax.
"""

import os
from pathlib import Path
from typing import NamedTuple

from samjax.errors import UserError
from samjax.files.cache import cache_dir
from samjax.files.download import fetch

SAM = "https://github.com/marcellacornia/sam/releases/download/1.0/"
KERAS = "https://github.com/fchollet/deep-learning-models/releases/download/"
TORCH = "https://download.pytorch.org/models/"


class RemoteFile(NamedTuple):
    """A file to download.

    Attributes:
        url: Its address.
        digest: "md5:..." or "sha256:...", of which the start is enough; "" if it is unknown.
    """

    url: str
    digest: str = ""


_VGG = KERAS + "v0.1/vgg16_weights_{0}_dim_ordering_{0}_kernels_notop.h5"
_RESNET = KERAS + "v0.2/resnet50_weights_{0}_dim_ordering_{0}_kernels_notop.h5"

PUBLISHED = {
    # SAM's own release: trained on SALICON, as of 2015 and of 2017.
    "sam-vgg_salicon": RemoteFile(SAM + "sam-vgg_salicon_weights.pkl"),
    "sam-resnet_salicon": RemoteFile(SAM + "sam-resnet_salicon_weights.pkl"),
    "sam-resnet_salicon2017": RemoteFile(SAM + "sam-resnet_salicon2017_weights.pkl"),
    # Trained on ImageNet, with images normalised as Caffe does: what the release started from.
    "imagenet-vgg16": RemoteFile(_VGG.format("tf"), "md5:6d6bbae143d832006294945121d1f1fc"),
    "imagenet-resnet50": RemoteFile(_RESNET.format("tf"), "md5:a268eb855778b3df3c7506639542a6af"),
    "imagenet-vgg16-th": RemoteFile(_VGG.format("th")),
    "imagenet-resnet50-th": RemoteFile(
        _RESNET.format("th"), "md5:f64f049c92468c9affcd44b0976cdafe"
    ),
    # Trained on ImageNet, with images normalised as torchvision does. The names carry the start of
    # the sha256.
    "torchvision-vgg16": RemoteFile(TORCH + "vgg16-397923af.pth", "sha256:397923af"),
    "torchvision-resnet50": RemoteFile(TORCH + "resnet50-0676ba61.pth", "sha256:0676ba61"),
}


MIRROR = "SAMJAX_WEIGHTS_MIRROR"
"""The environment variable with the address of a mirror."""


def find(name: str, offline: bool = False) -> Path:
    """Return the cached file of a published name, and download it first if it is not there.

    Args:
        name: A key of PUBLISHED.
        offline: Whether to refuse to download.

    Raises:
        UserError: The file cannot be had; the message tells where to get it by hand.
    """
    entry = PUBLISHED[name]
    file_name = entry.url.rsplit("/", 1)[-1]
    mirror = os.environ.get(MIRROR, "")
    if not mirror:
        return fetch(entry.url, cache_dir() / file_name, entry.digest, offline)
    if not mirror.startswith(("https://", "http://")):
        raise UserError(f"{MIRROR}={mirror} is no address; give one that begins with https://")
    try:
        # The digest is that of the published file, so a mirror cannot give another one.
        return fetch(
            f"{mirror.rstrip('/')}/{file_name}", cache_dir() / file_name, entry.digest, offline
        )
    except UserError as error:
        raise UserError(
            f"{error} ({MIRROR} is set; the published address is {entry.url})"
        ) from error
