"""A small SAM that learns from the 500 osie training images on 2 CPU cores.

samjax prepare table --name osie --source PATH
python -m experiments.train --config=configs/osie_small.py --workdir=runs/osie_small
"""

from configs import base


def get_config():
    config = base.get_config()
    config.model.update(backbone="vgg_small", norm="batch", features=64, timesteps=3)
    config.data.input_size = (120, 160)
    return config
