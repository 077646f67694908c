"""`osie_small` whose timesteps learn what is looked at within half a second, one, and three.

python -m experiments.train --config=configs/osie_durations.py --workdir=runs/durations
python -m experiments.evaluate --config=configs/osie_durations.py --workdir=runs/durations \\
    --timesteps=1 --until=500
"""

from ml_collections import ConfigDict

from configs import osie_small


def get_config() -> ConfigDict:
    """Return the config."""
    config = osie_small.get_config()
    config.loss.update(timestep_weights=(1.0, 1.0, 1.0), viewing_times_ms=(500.0, 1000.0, 3000.0))
    return config
