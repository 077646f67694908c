"""Lines that tell the user what the program is doing, on standard error."""

import sys


def log(line: str) -> None:
    """Print one line to standard error; standard output is left to results."""
    print(line, file=sys.stderr, flush=True)
