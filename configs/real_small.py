"""`osie_small`, trained on osie, eyecrowd and scene together: 1,200 images.

for NAME in osie eyecrowd scene; do samjax prepare table --name $NAME --source PATH; done
python -m experiments.train --config=configs/real_small.py --workdir=runs/real_small
"""

from ml_collections import ConfigDict

from configs import osie_small


def get_config() -> ConfigDict:
    """Return the config."""
    config = osie_small.get_config()
    config.data.train = "osie:1,eyecrowd:.7,scene:.7"
    config.data.validation = "osie,eyecrowd,scene"
    config.train.update(epochs=45.0, evaluate_every=3.0)
    return config
