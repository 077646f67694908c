"""The paper's fine-tuning of SAM-VGG on MIT1003, for MIT300 (Cornia et al. 2018, section IV).

Ten folds of some 900 and 100 images, from the weights of SALICON; the folds themselves are not
published, these are seeded. Needs the dataset `mit1003`.

    python -m experiments.train --config=configs/sam_vgg_mit1003.py \\
        --workdir=runs/vgg_mit1003/0 --config.data.fold=0
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    return presets.mit1003("vgg16")
