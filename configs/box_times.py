"""The model in the box, whose timesteps learn where people have looked by 500, 1,000 and 3,000 ms.

Starts from the bundled model, whose backbone stays as it is, and needs no GPU. The second command
trains a control: the same steps without times, so that what they add can be told from what time
adds.

python -m experiments.train --config=configs/box_times.py --workdir=runs/box_times
python -m experiments.train --config=configs/box_times.py --workdir=runs/box_untimed \\
    --config.loss.viewing_times_ms='()'
"""

from ml_collections import ConfigDict

from configs import box


def get_config() -> ConfigDict:
    """Return the config."""
    config = box.get_config()
    config.model.update(timesteps=3, norm_statistics="frozen")
    config.loss.update(timestep_weights=(1.0, 1.0, 1.0), viewing_times_ms=(500.0, 1000.0, 3000.0))
    config.distill.update(teacher="", mix=0.0)
    config.data.threads = 2
    config.augment.views = 4
    config.train.update(start_from="sam-small", cache_features=True, epochs=8.0)
    config.train.update(learning_rate=3e-4, ema_decay=0.99, evaluate_every=2.0)
    config.train.factors.backbone = 0.0
    config.train.update(log_every=20, checkpoint_every=100)
    return config
