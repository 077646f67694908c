"""SAM-VGG at full size on osie, in the samjax face. For a GPU: a step takes minutes on a CPU.

python -m experiments.train --config=configs/sam_vgg_osie.py --workdir=runs/sam_vgg_osie
"""

from configs import base


def get_config():
    config = base.get_config()
    config.model.backbone = "vgg16"
    config.model.dtype = "bfloat16"
    config.augment.zoom = (0.9, 1.4)
    config.train.update(epochs=30.0, learning_rate=2e-4, ema_decay=0.99)
    config.train.factors.backbone = 0.1
    return config
