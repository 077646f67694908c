"""The paper's recipe for SAM-VGG on SALICON (Cornia et al. 2018, section IV).

Reproduces the release: network, loss, optimiser and schedule; needs `salicon_2015`.

    python -m experiments.train --config=configs/sam_vgg_salicon.py --workdir=runs/vgg_salicon
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    return presets.salicon("vgg16")
