"""Types odd values of every field on the command line of the training, and counts what happens.

    python -m tests.campaigns.settings [--accepted]

Each value goes through the flags as a program of `experiments` parses them and, if they accept it,
through `read_experiment` with a tiny prepared dataset. Nothing is trained. It is one process, so
that thousands of values take minutes. Good is what is accepted, or ends in one line that has the
field or its value; everything else is printed. `--accepted` prints what is accepted too, to be
looked at. Ends with 1 if anything bad happened.
"""

import argparse
import os
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 120
"""How long one value may take before it counts as hanging."""

SHOWN = 30
"""Characters of a value that a message has at least."""

# Typed for every field.
TEXTS = (
    *("", " ", "xyzzy", "none", "None", "True", "nan", "inf", "-inf", "-1", "0", "1", "1.5"),
    *("1e9", "1e400", "1000000000", "9" * 400, "0x10", "1_0", "()", "(nan,)", "(1, 2)", "[1, 2]"),
    *("{}", "{'a': 1}", "(1, 2, 3)", "((1, 2),)", "((8, 8), (8,))", "('a',)", "'x'", "x" * 5000),
    *("a,b", "osie:1", "é", "(", "a\nb"),
)
# What the issue that asked for this names, and relatives of it.
NAMED = (
    *("model.readout=rleu", "model.norm=bach", "model.norm_statistics=frozn", "model.priors=x"),
    *("model.stride_on=1x3", "model.attention_scale=men", "model.dropout=-1", "model.dropout=1"),
    *("model.backbone=vgg", "model.alignment=papr", "model.features=0", "model.features=-8"),
    *("model.timesteps=-1", "model.backbone_weights=imagnet", "model.backbone_weights=imagenet"),
    *("loss.kl=-10", "loss.nss=1", "loss.timestep_weights=(1,)", "loss.timestep_weights=(0,0,0)"),
    *("loss.timestep_weights=(nan,1,1)", "loss.viewing_times_ms=(1,2,3)"),
    *("data.train=synthetic:nan", "data.train=synthetic:0", "data.train=synthetic,synthetic"),
    *("data.train=synthetc", "data.validation=synthetic:2", "data.train_split=train[:0%]"),
    *("data.train_split=train[90%:10%]", "data.train_split=train[", "data.train_split=tain"),
    *("data.validation_split=validation[5:2]", "data.subjects=(99,)", "data.subjects=(0,0)"),
    *("data.subjects=(-1,)", "data.input_size=(48,)", "data.input_size=(48,64,3)"),
    *("data.input_size=(0,0)", "data.input_size=(45,60)", "data.input_size=(48.0,64.0)"),
    *("data.buckets=(64,48)", "data.buckets=((64,48),)", "data.buckets=((64,),)"),
    *("data.threads=1000000000", "data.threads=-1", "data.workers=-1", "data.folds=1"),
    *("data.folds=100", "data.fold=2", "data.cache_mib=-1", "data.data_dir=/nowhere"),
    *("data.data_dir=s3x://nowhere", "augment.zoom=(1.5,0.5)", "augment.zoom=(0,1)"),
    *("augment.zoom=1", "augment.rotation=90", "augment.grey=2", "train.batch_size=0"),
    *("train.batch_size=-4", "train.batch_size=64", "train.batch_size=1.5", "train.seed=-1"),
    *("train.seed=4294967295", "train.seed=4294967296", "train.log_every=0", "train.epochs=0"),
    *("train.epochs=1e-6", "train.epochs=0.25", "train.patience=-1", "train.ema_decay=1.5"),
    *("train.clip_norm=-1", "train.accumulate=-1", "train.accumulate=0", "train.accumulate=99999"),
    *("train.factors.backbone=nan", "train.factors.backbone=-1", "train.factors.bakbone=1"),
    *("train.learning_rate=-1", "train.monitor=NNS", "train.optimizer=adam", "train.space=3"),
    *("train.max_steps=0", "train.max_steps=-1", "train.keep=0", "train.boundaries=(6,3)"),
    *("train.start_from=sam-vgg_salicn", "train.warmup_epochs=99", "train.schedule=cosin"),
    *(
        "train.learning_rat=1",
        "model=3",
        "model={}",
        "train.factors={'backbone': 2}",
        "trian.seed=1",
    ),
)


class Hang(BaseException):
    """A value took too long."""


def main() -> int:
    """Try all values, print what happened, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accepted", action="store_true", help="print the accepted values too")
    args = parser.parse_args()
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
    os.chdir(ROOT)
    signal.signal(signal.SIGALRM, _too_long)
    from samjax.training.rules import RULES

    settings = [*NAMED, *(f"{field}={text}" for field in RULES for text in TEXTS)]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        from tiny_training import prepare

        data_dir = prepare(Path(folder))
        for setting in settings:
            outcome, message = attempt(setting, data_dir)
            counts[outcome] += 1
            if outcome not in ("one line", "accepted") or (args.accepted and outcome == "accepted"):
                print(f"{outcome}: {setting[:100]!r} {message}", flush=True)
    print(f"{len(settings)} values:", ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    return int(bool(set(counts) - {"one line", "accepted"}))


def attempt(setting: str, data_dir: Path) -> tuple[str, str]:
    """Return what happens to one setting, FIELD=VALUE, and what is said."""
    signal.alarm(SECONDS)
    try:
        message = say(setting, data_dir)
    except Hang:
        return "hang", ""
    except BaseException:
        return "traceback", traceback.format_exc(limit=-1)
    finally:
        signal.alarm(0)
    if not message:
        return "accepted", ""
    if len(message.splitlines()) > 1:
        return "several lines", message
    field, _, value = setting.partition("=")
    named = field.split(".")[-1] in message or value.strip()[:SHOWN] in message
    return ("one line" if named else "names neither field nor value"), message


def say(setting: str, data_dir: Path) -> str:
    """Return the message that a setting ends in, or "" if an experiment is made of it."""
    import jax
    from command_line import Refused, config_of

    from samjax.errors import UserError
    from samjax.training.config import read_experiment

    arguments = ["--config=configs/demo.py", "--config.data.input_size=(48,64)"]
    arguments += [f"--config.data.data_dir={data_dir}", f"--config.{setting}"]
    try:
        read_experiment(config_of(*arguments), jax.devices()[:1])
    except Refused as refused:
        status, printed = refused.args
        return printed if status == 2 else f"status {status}\n{printed}"
    except (UserError, OSError) as error:  # as experiments/launch.py catches them
        return str(error)
    return ""


def _too_long(*_: object) -> None:
    raise Hang


if __name__ == "__main__":
    sys.exit(main())
