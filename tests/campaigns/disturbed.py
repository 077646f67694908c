"""A training that sends itself a signal at a moment that a variable of the environment names.

    DISTURB=validation:2:0.1:9 python -m tests.campaigns.disturbed --config=... --workdir=...

sends signal 9 a tenth of a second after the second validation began. It is `experiments.train`
otherwise, and a signal from itself is a signal as any other.
"""

import functools
import os
import threading
from collections.abc import Callable


def disturb(owner: object, name: str, nth: int, delay: float, signum: int) -> None:
    """Let the n-th call of a function send this process a signal, some seconds after its start."""
    function = getattr(owner, name)
    calls = 0

    @functools.wraps(function)
    def disturbed(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == nth:
            threading.Timer(delay, os.kill, (os.getpid(), signum)).start()
        return function(*args, **kwargs)

    setattr(owner, name, disturbed)


def disturb_step(nth: int, delay: float, signum: int) -> None:
    """Do the same for the n-th step of this run; the first one is compiled."""
    from samjax.training import run

    compile_train_step: Callable = run.compile_train_step

    def compiled(*args):
        class Holder:
            step = staticmethod(compile_train_step(*args))

        disturb(Holder, "step", nth, delay, signum)
        return lambda *inputs: Holder.step(*inputs)

    run.compile_train_step = compiled


def main() -> None:
    """Run `experiments.train` with the disturbance."""
    from experiments import launch, multihost, train

    phase, nth, delay, signum = os.environ["DISTURB"].split(":")
    moment = int(nth), float(delay), int(signum)

    def train_disturbed() -> None:
        with multihost.joined():
            from samjax.training import loop, run, validation
            from samjax.training.checkpoint import Checkpoints

            if phase in ("compile", "step"):
                disturb_step(*moment)
            elif phase == "validation":
                disturb(validation.Validation, "_score", *moment)
            elif phase == "save":
                disturb(Checkpoints, "save", *moment)
            elif phase == "restore":
                disturb(run, "restore_or_create", *moment)
            loop.train(train._CONFIG.value, train.Path(train._WORKDIR.value))

    launch.launch(train_disturbed)


if __name__ == "__main__":
    main()
