"""Whether to stop: all processes of a run learn at the same step that one of them was asked to."""

from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from samjax.parallel.mesh import replicated
from samjax.parallel.stop_signals import Stopped, StopRequest


class Preemption:
    """Asks at each step whether any process was asked to stop.

    With several processes the question is a sum over all devices, as small as one can be. It is
    queued ahead of the step that it belongs to, and its answer is read when that step is queued
    too. So reading waits for the step before only, which training does anyway, and the devices are
    never idle for it.

    Args:
        request: What the signals of this process set.
        mesh: The devices of all processes.
    """

    def __init__(self, request: StopRequest, mesh: Mesh) -> None:
        """Answer for the processes of a mesh whether one of them was asked to stop."""
        self._request = request
        processes = {device.process_index for device in mesh.devices.flat}
        self._several = len(processes) > 1
        self._local_devices = mesh.local_mesh.size if self._several else 0
        self._sharding = NamedSharding(mesh, PartitionSpec(mesh.axis_names))
        self._largest = jax.jit(lambda numbers: numbers.max(), out_shardings=replicated(mesh))

    def ask(self) -> Any:
        """Ask all processes, and return the question for `answer` without waiting for the answer.

        All processes must ask equally often.
        """
        if not self._several:
            return None
        mine = np.full(self._local_devices, self._request.signum, np.int32)
        return self._largest(jax.make_array_from_process_local_data(self._sharding, mine))

    def answer(self, question: Any) -> int:
        """Return the number of the signal that asks to stop, the same everywhere; 0 for none."""
        return int(question) if self._several else self._request.signum

    def check(self, step: int) -> None:
        """Raise Stopped where any process was asked to stop; `step` is the one that is saved."""
        if signum := self.answer(self.ask()):
            raise Stopped(signum, step)
