"""Worker processes that are none: as many are asked for, and this process does the work."""

import pickle
from types import ModuleType

import pytest


def fake_workers(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> list[int]:
    """Replace `in_order` in some modules; return a list that grows by the jobs of each call.

    What would go to another process is pickled, and unpickled as there.
    """
    asked: list[int] = []

    def in_order(function, state, keys, jobs=1):
        asked.append(jobs)
        function, state = pickle.loads(pickle.dumps((function, state)))
        yield from (function(state, key) for key in keys)

    for module in modules:
        monkeypatch.setattr(module, "in_order", in_order)
    return asked
