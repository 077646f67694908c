"""Working ahead: order, bound, exceptions, and the end of the thread."""

import threading
import time

import pytest

from samjax.video.ahead import ahead


def test_order_and_bound():
    made = []

    def items():
        for k in range(20):
            made.append(k)
            yield k

    for k in ahead(items(), 3):
        assert len(made) <= k + 1 + 3
    assert made == list(range(20))


def test_an_exception_comes_where_its_item_would():
    def items():
        yield 1
        raise KeyError("here")

    found = ahead(items(), 3)
    assert next(found) == 1
    with pytest.raises(KeyError, match="here"):
        next(found)


def test_closing_ends_the_thread_and_the_items():
    ended = threading.Event()

    def items():
        try:
            while True:
                time.sleep(0.001)
                yield 0
        finally:
            ended.set()

    before = threading.active_count()
    found = ahead(items(), 2)
    next(found)
    found.close()
    del found
    assert ended.wait(60)
    assert threading.active_count() == before
