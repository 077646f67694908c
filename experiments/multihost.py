"""Several processes as one program: flags, and one call before JAX looks at its devices."""

from absl import flags

from samjax.errors import UserError

_MULTIHOST = flags.DEFINE_bool(
    "multihost", False, "One of several processes; Slurm, TPU pods and Open MPI tell which."
)
_COORDINATOR = flags.DEFINE_string("coordinator", None, "HOST:PORT of process 0, if nothing tells.")
_PROCESSES = flags.DEFINE_integer("processes", None, "How many, if nothing tells.")
_PROCESS = flags.DEFINE_integer("process", None, "Which one this is, from 0, if nothing tells.")


def join() -> None:
    """Join the other processes, if --multihost says that there are any.

    Raises:
        UserError: The flags do not say completely who the others are, or they cannot be reached.
    """
    places = _COORDINATOR.value, _PROCESSES.value, _PROCESS.value
    if not _MULTIHOST.value:
        if any(value is not None for value in places):
            raise UserError("--coordinator, --processes and --process need --multihost")
        return
    import jax

    if any(value is None for value in places) and any(value is not None for value in places):
        raise UserError("give all three of --coordinator, --processes and --process, or none")
    try:
        jax.distributed.initialize(*places)
    except (ValueError, RuntimeError) as error:
        raise UserError(
            f"the other processes cannot be joined ({error}); name them with --coordinator, "
            "--processes and --process"
        ) from error
