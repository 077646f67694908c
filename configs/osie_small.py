"""A small SAM that learns from the 500 osie training images on 2 CPU cores, from random values.

samjax prepare table --name osie --source PATH
python -m experiments.train --config=configs/osie_small.py --workdir=runs/osie_small
"""

from ml_collections import ConfigDict

from configs import base


def get_config() -> ConfigDict:
    """Return the config."""
    config = base.get_config()
    config.model.update(backbone="vgg_small", norm="batch", features=64, timesteps=3, dropout=0.1)
    config.data.input_size = (120, 160)
    config.augment.update(zoom=(0.85, 1.5), brightness=0.2, contrast=0.2, saturation=0.3, grey=0.1)
    config.train.update(batch_size=8, epochs=40.0, evaluate_every=4.0, log_every=50)
    config.train.update(learning_rate=1.5e-3, weight_decay=0.02, ema_decay=0.999)
    return config
