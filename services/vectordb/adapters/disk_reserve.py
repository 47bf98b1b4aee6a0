"""Refuses writes while the disk is nearly full.

The engine writes through memory maps of sparse files: a page that finds no space there kills the process (SIGBUS)
instead of failing the call. So space is checked before a write, with a reserve large enough for it.
"""

import os
from pathlib import Path

from services.vectordb.errors import StorageFullError

_SHARE_FOR_DELETES = 4


class DiskReserve:
    """Knows how much space must stay free."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes

    def check_write(self, extra_bytes: int = 0) -> None:
        """StorageFullError unless the reserve and the extra bytes are free."""
        self._check(self._min_free_bytes + extra_bytes)

    def check_delete(self) -> None:
        """Deletes may use a part of the reserve: they are how space is freed."""
        self._check(self._min_free_bytes // _SHARE_FOR_DELETES)

    def check_recovery(self, log_bytes: int) -> None:
        """Opening a shard repeats its log, which may take as much space again; the reserve is there for it."""
        self._check(log_bytes)

    def _check(self, needed: int) -> None:
        state = os.statvfs(self._folder)
        free = state.f_bavail * state.f_frsize
        if free < needed:
            raise StorageFullError(
                f"{free:,} bytes are free on the disk of the vector database and {needed:,} are needed; "
                "nothing was written. Free some space, then repeat the request"
            )
