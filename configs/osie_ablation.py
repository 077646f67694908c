"""`osie_small` with a schedule short enough to train once per row of an ablation.

python -m experiments.timesteps --config=configs/osie_ablation.py --workdir=runs/timesteps \\
    --timesteps=1,2,3,4 --seeds=3 --mode=both
"""

from ml_collections import ConfigDict

from configs import osie_small


def get_config() -> ConfigDict:
    """Return the config."""
    config = osie_small.get_config()
    config.train.update(epochs=12.0, evaluate_every=4.0)
    return config
