"""The paper's recipe for SAM-ResNet on SALICON (Cornia et al. 2018, section IV).

Reproduces the release: network, loss, optimiser and schedule; needs `salicon_2015`.

    python -m experiments.train --config=configs/sam_resnet_salicon.py --workdir=runs/resnet_salicon
"""

from configs import base, faces


def get_config():
    config = faces.paper(base.get_config(), backbone="resnet50")
    config.data.train = config.data.validation = "salicon_2015"
    return config
