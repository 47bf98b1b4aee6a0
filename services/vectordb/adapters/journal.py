"""Writes that arrive while an index is built on a copy, kept in order to be repeated there.

The file is not synced: the shard that still serves holds every one of these writes durably itself, and after a kill
both the copy and the journal are thrown away.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import orjson

from services.shared.kit.telemetry import get_logger
from services.vectordb.adapters.changes import Change, to_operation
from services.vectordb.adapters.shard import Shard
from services.vectordb.domain.fields import JsonObject
from services.vectordb.domain.vectors import VectorSpaces
from services.vectordb.errors import VectorDbError

_log = get_logger("journal")


class Journal:
    """Appends writes, one JSON line each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb", buffering=0)
        self.broken = False

    def append(self, change: Change) -> None:
        """Keep a write. If that fails (a full disk), the build is spoilt, not the write."""
        try:
            self._file.write(orjson.dumps([change.kind, change.body]) + b"\n")
        except OSError:
            self.broken = True

    def close(self) -> None:
        self._file.close()


def read_changes(path: Path, offset: int) -> Iterator[tuple[Change, int]]:
    """Complete lines from an offset on: each write with the offset after it."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            kind, body = cast("tuple[str, JsonObject]", orjson.loads(line))
            yield Change(kind, body), offset


def repeat(shard: Shard, change: Change, spaces: VectorSpaces) -> None:
    """Apply a journaled write to the copy. What the engine refused the first time it refuses again, alike."""
    try:
        for step in to_operation(change, spaces).steps:
            shard.update(step)
    except VectorDbError as error:
        _log.warning("write_refused_again", kind=change.kind, reason=error.message)
