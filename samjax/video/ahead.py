"""An iterator that works ahead in a thread of its own, by a bounded number of items."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(items: Iterator[T], count: int) -> Generator[T, None, None]:
    """Yield the items, of which at most `count` are made before they are asked for.

    An exception of the items is raised where its item would have been. When this generator is
    closed, the thread ends after the item that it is making.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, items, _END) for _ in range(count))
        try:
            while (item := waiting.popleft().result()) is not _END:
                waiting.append(pool.submit(next, items, _END))
                yield item  # type: ignore[misc]
                del item  # a frame is large, and the next one may take long
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
