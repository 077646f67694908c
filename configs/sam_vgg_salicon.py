"""The paper's recipe for SAM-VGG on SALICON (Cornia et al. 2018, section IV).

Reproduces the release: network, loss, optimiser and schedule; needs `salicon_2015`.

    python -m experiments.train --config=configs/sam_vgg_salicon.py --workdir=runs/vgg_salicon
"""

from configs import base, faces


def get_config():
    config = faces.paper(base.get_config(), backbone="vgg16")
    config.data.train = config.data.validation = "salicon_2015"
    return config
