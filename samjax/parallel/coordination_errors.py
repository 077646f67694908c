"""What JAX's coordination service writes as another process ends, told in one line instead.

A process whose coordinator has ended is aborted by JAX in C++, which writes a hundred lines to the
standard error (a callback for it exists, and cannot be called: `std::bad_cast`). So what C++ writes
goes through a pipe here, and the first of these lines ends the process.
"""

import atexit
import os
import re
import select
import sys
import threading

ERROR = re.compile(rb"^[EWF]\d{4} .*(coordination_service|distributed service)")
"""Such a line is held back, with those behind it: the end of the process may follow."""
FATAL = re.compile(rb"^F\d{4} .*distributed service detected fatal errors")
SECONDS_HELD = 5.0
LINE = (
    "error: another process of this run has ended or does not answer; this one ends with it; start "
    "all of them again to go on from the last checkpoint\n"
)


def tell_in_one_line() -> None:
    """Filter what C++ writes to the standard error from now on, until this process ends."""
    if sys.platform == "win32":  # there, nothing waits for a pipe with a limit of time
        return
    sys.stderr.flush()
    real = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    # What Python writes does not go through the pipe.
    sys.stderr = os.fdopen(
        os.dup(real), "w", buffering=1, encoding="utf-8", errors="backslashreplace"
    )
    thread = threading.Thread(target=_forward, args=(reading, real), daemon=True)
    thread.start()

    def finish() -> None:
        os.dup2(real, 2)  # closes the pipe
        thread.join(SECONDS_HELD)

    atexit.register(finish)


def _forward(reading: int, real: int) -> None:
    """Write to `real` what comes from a pipe, without what the coordination service writes."""
    rest, held, holding = b"", b"", False
    while True:
        ready, _, _ = select.select([reading], [], [], SECONDS_HELD if holding else None)
        if not ready:  # the process goes on, so it is worth reading
            os.write(real, held)
            held, holding = b"", False
            continue
        block = os.read(reading, 1 << 16)
        if not block:
            return
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if FATAL.match(line):
                os.write(real, LINE.encode())
                os._exit(1)  # sys.exit would end this thread only
            holding = holding or bool(ERROR.match(line))
            if holding:
                held += line + b"\n"
            else:
                os.write(real, line + b"\n")
