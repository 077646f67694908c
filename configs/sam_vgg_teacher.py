"""The two SAM-VGGs whose maps `configs/sam_vgg_real.py` learns from. For a GPU.

They differ in their random numbers, in their loss and in how strongly they are regularised, so that
they make different mistakes; the mean of their densities is better than either. The second one
weights NSS more, so its maps are more peaked.

python -m experiments.train --config=configs/sam_vgg_teacher.py:a --workdir=runs/teacher_a
python -m experiments.train --config=configs/sam_vgg_teacher.py:b --workdir=runs/teacher_b
"""

from ml_collections import ConfigDict

from configs import sam_vgg_real


def get_config(which: str = "a") -> ConfigDict:
    """Return the config of the teacher "a" or "b"."""
    config = sam_vgg_real.get_config()
    config.distill.update(teacher="", mix=0.0)
    config.model.dropout = 0.3
    config.augment.rotation = 4.0
    if which == "a":
        config.train.update(seed=0, weight_decay=0.05)
        config.loss.nss = -1.0
        config.augment.update(brightness=0.3, contrast=0.3)
    elif which == "b":
        config.train.seed = 2
        config.loss.nss = -4.0
    else:
        raise ValueError(f"there is no teacher {which!r}; choose a or b")
    return config
