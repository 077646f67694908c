"""What fixed views and cached features go together with; each field by itself is right already.

Every check raises a UserError that names the fields, their values and the remedy.
"""

from ml_collections import ConfigDict

from samjax.data.remote import is_remote
from samjax.data.views import plain_views
from samjax.errors import UserError
from samjax.models.backbones import BACKBONES
from samjax.models.resnet import ResNet

CACHED = "train.cache_features=True"

NOT_DRAWN = {
    "crop": False,
    "rotation": 0.0,
    "zoom": (1.0, 1.0),
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "grey": 0.0,
}
"""The fields of `config.augment` that draw views, with the values that draw none."""


def check_views(config: ConfigDict) -> None:
    """Check that the fixed views are those that the augmentation asks for.

    Raises:
        UserError: There are views that nothing draws, or changes that no view shows.
    """
    augment = config.augment
    if not augment.views:
        return
    plain = plain_views(augment.flip)
    which = "as it is and mirrored" if augment.flip else "as it is"
    if augment.views < plain:
        raise UserError(
            f"augment.views={augment.views} is each image as it is, so augment.flip=True does "
            "nothing; set --config.augment.views=2 or --config.augment.flip=False"
        )
    drawing = [name for name, nothing in NOT_DRAWN.items() if augment[name] != nothing]
    if drawing and augment.views == plain:
        name = drawing[0]
        raise UserError(
            f"augment.views={plain} are each image {which}, so augment.{name}={augment[name]} does "
            f"nothing; set --config.augment.views above {plain} or --config.augment.{name}="
            f"{NOT_DRAWN[name]}"
        )
    if not drawing and augment.views > plain:
        raise UserError(
            f"augment.views={augment.views} are more than each image {which}, and nothing draws "
            f"others; set --config.augment.views={plain}, or --config.augment.zoom, crop, rotation "
            "or a change of colours"
        )


def check_cached_features(config: ConfigDict) -> None:
    """Check that the features of the images are the same in every step, and all that is needed.

    Raises:
        UserError: They are not.
    """
    train, model = config.train, config.model
    if not train.cache_features:
        return
    if train.factors.backbone:
        raise UserError(
            f"{CACHED} keeps the features of a backbone that does not learn, and "
            f"train.factors.backbone={train.factors.backbone:g}; set "
            "--config.train.factors.backbone=0.0"
        )
    if not config.augment.views:
        raise UserError(
            f"{CACHED} needs views that are the same in each epoch, and augment.views=0 draws them "
            "anew; set --config.augment.views to their number"
        )
    has_norm = model.norm == "batch" or BACKBONES[model.backbone][0] is ResNet
    if has_norm and model.norm_statistics == "batch":
        raise UserError(
            f"{CACHED} needs features that go with the image alone, and those of "
            "model.norm_statistics='batch' go with the batch; set "
            "--config.model.norm_statistics=frozen"
        )
    if config.distill.teacher:
        raise UserError(
            f"{CACHED} reads no images, and distill.teacher has to see them; set "
            "--config.distill.teacher='' or --config.train.cache_features=False"
        )
    if train.space > 1:
        raise UserError(
            f"{CACHED} is for images that fit on one device, and train.space={train.space} divides "
            "them; set --config.train.space=1"
        )
    if is_remote(config.data.data_dir):
        raise UserError(
            f"{CACHED} knows data by the content of their files, and data.data_dir="
            f"{config.data.data_dir!r} is an address; copy them and name the folder"
        )


def check_processes(config: ConfigDict, processes: int) -> None:
    """Check that features are cached by one process alone.

    Raises:
        UserError: There are several.
    """
    if config.train.cache_features and processes > 1:
        raise UserError(
            f"{CACHED} works in one process, with any number of devices, and here are {processes}; "
            "set --config.train.cache_features=False or leave out --multihost"
        )
