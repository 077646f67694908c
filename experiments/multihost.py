"""Several processes as one program: flags, and one call before JAX looks at its devices."""

from collections.abc import Iterator
from contextlib import contextmanager

from absl import flags

from samjax.errors import UserError

_MULTIHOST = flags.DEFINE_bool(
    "multihost", False, "One of several processes; Slurm, TPU pods and Open MPI tell which."
)
_COORDINATOR = flags.DEFINE_string("coordinator", None, "HOST:PORT of process 0, if nothing tells.")
_PROCESSES = flags.DEFINE_integer("processes", None, "How many, if nothing tells.")
_PROCESS = flags.DEFINE_integer("process", None, "Which one this is, from 0, if nothing tells.")
_HEARTBEAT = flags.DEFINE_integer(
    "heartbeat",
    60,
    "Seconds after which a host that does not answer is taken to be gone. That a process has "
    "ended is noticed at once.",
    lower_bound=10,
)
_JOIN_TIMEOUT = flags.DEFINE_integer(
    "join_timeout",
    300,
    "Seconds to wait at the start for the other processes, which a queue may start later.",
    lower_bound=1,
)


@contextmanager
def joined() -> Iterator[None]:
    """Join the other processes while the block runs, if --multihost says that there are any.

    When one of them ends before it is done, the others end too.

    Raises:
        UserError: The flags do not say completely who the others are, or they cannot be reached.
    """
    places = _COORDINATOR.value, _PROCESSES.value, _PROCESS.value
    if not _MULTIHOST.value:
        if any(value is not None for value in places):
            raise UserError("--coordinator, --processes and --process need --multihost")
        yield
        return
    if any(value is None for value in places) and any(value is not None for value in places):
        raise UserError("give all three of --coordinator, --processes and --process, or none")
    from samjax.parallel.coordination_errors import tell_in_one_line
    from samjax.parallel.peers import ending_together

    tell_in_one_line()
    _initialize(places)
    with ending_together(_HEARTBEAT.value):
        yield


def _initialize(places: tuple[str | None, int | None, int | None]) -> None:
    """Start JAX as one of several processes."""
    import jax

    # It would take SIGTERM for itself, and other signals not at all.
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            *places,
            initialization_timeout=_JOIN_TIMEOUT.value,
            heartbeat_timeout_seconds=_HEARTBEAT.value,
        )
    except (ValueError, RuntimeError) as error:
        raise UserError(
            f"the other processes cannot be joined ({error}); name them with --coordinator, "
            "--processes and --process"
        ) from error
