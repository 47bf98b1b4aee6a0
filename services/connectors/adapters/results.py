"""Results that may be given again for a while."""

import time
from collections import OrderedDict
from collections.abc import Hashable


class ResultCache:
    """The newest results in memory, each until it is too old."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()

    def get(self, key: Hashable) -> tuple[object] | None:
        """The result in a tuple, as it may be None itself; None when it is not there."""
        found = self._kept.get(key)
        if found is None or found[0] <= time.monotonic():
            return None
        return (found[1],)

    def put(self, key: Hashable, result: object, *, seconds: float) -> None:
        """Keep it for so long."""
        if seconds <= 0 or not self._most:
            return
        self._kept[key] = (time.monotonic() + seconds, result)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
