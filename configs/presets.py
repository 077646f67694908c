"""The paper preset, and the paper's recipes: a dataset each, for either backbone.

Cornia et al., "Predicting Human Eye Fixations via an LSTM-based Saliency Attentive Model", IEEE TIP
2018, sections III and IV, field by field as released.
"""

from ml_collections import ConfigDict

from configs import base
from samjax.models.presets import PAPER

# Epochs after which the learning rate is divided by 10.
BOUNDARIES = {"vgg16": (3.0, 6.0), "resnet50": (2.0, 4.0, 6.0, 8.0)}
# Published weights of the whole network, trained on SALICON.
RELEASED = {"vgg16": "sam-vgg_salicon", "resnet50": "sam-resnet_salicon"}


def paper(config: ConfigDict, backbone: str) -> ConfigDict:
    """Give a config the release's network, loss, optimiser and schedule, and return it."""
    config.model.update(backbone=backbone, backbone_weights="imagenet", **PAPER)
    config.loss.update(kl=10.0, cc=-2.0, nss=-1.0, collapse_repeats=True)
    config.data.input_size = (240, 320)
    config.augment.flip = False
    config.train.update(
        batch_size=10,
        epochs=10.0,
        optimizer="rmsprop",
        learning_rate=1e-4,
        schedule="staircase",
        boundaries=BOUNDARIES[backbone],
        clip_norm=0.0,
        monitor="loss",
        patience=3,
    )
    return config


def salicon(backbone: str) -> ConfigDict:
    """Return the training on SALICON, from ImageNet's weights."""
    config = paper(base.get_config(), backbone)
    config.data.update(train="salicon_2015", validation="salicon_2015")
    return config


def mit1003(backbone: str) -> ConfigDict:
    """Return the fine-tuning on MIT1003, from the weights of SALICON.

    Ten folds of some 900 and 100 images; the paper's own folds are not published, these are seeded.
    """
    config = _fine_tuning("mit1003", backbone)
    config.data.folds = 10
    return config


def cat2000(backbone: str) -> ConfigDict:
    """Return the fine-tuning on CAT2000, from the weights of SALICON.

    1,800 images to train on and 200 to validate on. The release keeps its 240 x 320 input and pads;
    here the input has CAT2000's own aspect, 16:9, so that nothing is padding.
    """
    config = _fine_tuning("cat2000", backbone)
    config.data.update(folds=10, input_size=(216, 384))
    return config


def osie(backbone: str) -> ConfigDict:
    """Return the training on osie in the samjax preset, at full size."""
    config = base.get_config()
    config.model.update(backbone=backbone, dtype="bfloat16")
    config.augment.zoom = (0.9, 1.4)
    config.train.update(epochs=30.0, learning_rate=2e-4, ema_decay=0.99)
    config.train.factors.backbone = 0.1
    return config


def _fine_tuning(dataset: str, backbone: str) -> ConfigDict:
    config = salicon(backbone)
    config.model.backbone_weights = "none"
    config.data.update(train=dataset, validation=dataset, train_split="train+validation")
    config.train.update(start_from=RELEASED[backbone], learning_rate=1e-5)
    return config
