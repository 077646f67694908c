"""SAM-VGG at full size on osie, in the samjax preset. For a GPU: a step takes minutes on a CPU.

python -m experiments.train --config=configs/sam_vgg_osie.py --workdir=runs/sam_vgg_osie
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    return presets.osie("vgg16")
