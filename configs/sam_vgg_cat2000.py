"""The paper's fine-tuning of SAM-VGG on CAT2000 (Cornia et al. 2018, section IV), at 16:9.

1,800 images to train on and 200 to validate on, from the weights of SALICON. The release keeps its
240 x 320 and pads; here the input has CAT2000's own aspect, so nothing is padding. Needs `cat2000`.

    python -m experiments.train --config=configs/sam_vgg_cat2000.py --workdir=runs/vgg_cat2000
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    return presets.cat2000("vgg16")
