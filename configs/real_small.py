"""A small SAM trained on osie, eyecrowd and scene together, on 2 CPU cores.

for NAME in osie eyecrowd scene: samjax prepare table --name NAME --source PATH
python -m experiments.train --config=configs/real_small.py --workdir=runs/real_small
"""

from configs import osie_small


def get_config():
    config = osie_small.get_config()
    config.data.train = "osie:1,eyecrowd:.7,scene:.7"
    config.data.validation = "osie,eyecrowd,scene"
    return config
