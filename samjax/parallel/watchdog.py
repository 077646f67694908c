"""Worker processes that do not outlive the process which started them."""

import os
import threading
import time

SECONDS_BETWEEN_CHECKS = 1.0


def end_with_parent(parent_pid: int) -> None:
    """End this process soon after its parent has ended, from a thread in the background.

    A parent that is killed cannot end its workers, and they would wait for it forever.

    Args:
        parent_pid: The parent's number, best taken by the parent itself: a parent that ends before
            its worker asks for it is noticed only then.
    """
    threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()


def _watch(parent_pid: int) -> None:
    # The system gives an orphan another parent.
    while os.getppid() == parent_pid:
        time.sleep(SECONDS_BETWEEN_CHECKS)
    os._exit(1)  # sys.exit would end this thread only
