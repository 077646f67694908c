"""The paper's recipe for SAM-ResNet on SALICON (Cornia et al. 2018, section IV).

Reproduces the release: network, loss, optimiser and schedule; needs `salicon_2015`.

    python -m experiments.train --config=configs/sam_resnet_salicon.py --workdir=runs/resnet_salicon
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    return presets.salicon("resnet50")
