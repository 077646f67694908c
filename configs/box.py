"""The model in the box: a small SAM that learns from real fixations and from full-size SAMs.

`make box` trains the networks that it needs, too; `configs/sam_vgg_real.py` says from which data.

python -m experiments.train --config=configs/sam_vgg_teacher.py:a --workdir=runs/teacher_a
python -m experiments.train --config=configs/sam_vgg_teacher.py:b --workdir=runs/teacher_b
python -m experiments.train --config=configs/sam_vgg_real.py --workdir=runs/sam_vgg_real
python -m experiments.train --config=configs/box.py --workdir=runs/box
"""

from ml_collections import ConfigDict

from configs import base


def get_config() -> ConfigDict:
    """Return the config."""
    config = base.get_config()
    config.model.update(backbone="vgg_box", norm="batch", features=64, timesteps=2, dropout=0.1)
    config.loss.update(nss=-2.0, timestep_weights=(0.3, 1.0))
    config.distill.update(teacher="runs/sam_vgg_real,runs/teacher_a", weight=10.0, mix=0.3)
    config.data.update(train="osie:1,eyecrowd:.7,scene:1", validation="osie,eyecrowd,scene")
    config.data.update(buckets=((272, 272), (320, 240), (208, 368)), threads=4, cache_mib=2000.0)
    config.augment.update(zoom=(0.8, 2.0), rotation=5.0, brightness=0.3, contrast=0.3)
    config.augment.update(saturation=0.4, grey=0.1)
    config.train.update(batch_size=32, epochs=170.0, evaluate_every=17.0, log_every=100)
    config.train.update(learning_rate=2e-3, weight_decay=0.02, ema_decay=0.9995)
    config.train.update(keep=1, pictures=0, checkpoint_every=5000)
    return config
