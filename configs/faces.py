"""The paper face: the release's network, loss and optimiser, field by field."""

from ml_collections import ConfigDict


def paper(config: ConfigDict, backbone: str = "vgg16") -> ConfigDict:
    """Turns a config into the release's (see Cornia et al. 2018, sections III and IV)."""
    config.model.update(
        backbone=backbone,
        backbone_weights="imagenet",
        norm="none",
        stride_on="1x1",
        features=512,
        timesteps=4,
        attention_scale="sum",
        gaussians=16,
        priors="clip",
        readout="relu",
        upsampling=16,
        alignment="paper",
        normalization="caffe",
    )
    config.loss.update(kl=10.0, cc=-2.0, nss=-1.0, collapse_repeats=True)
    config.data.input_size = (240, 320)
    config.augment.flip = False
    config.train.update(
        batch_size=10,
        epochs=10.0,
        optimizer="rmsprop",
        learning_rate=1e-4,
        schedule="staircase",
        boundaries=(3.0, 6.0) if backbone == "vgg16" else (2.0, 4.0, 6.0, 8.0),
        clip_norm=0.0,
        monitor="loss",
        patience=3,
    )
    return config
