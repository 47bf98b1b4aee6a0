"""Writes an archive piece by piece."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from services.shared.components.archives.layout import SUMS, sums_line
from services.shared.components.archives.members import END_OF_ARCHIVE, member_header, padding

_BLOCK_BYTES = 1024 * 1024


class ArchiveWriter:
    """Makes the bytes of members; the checksums wait on disk until the end. A context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._sums = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the writer
        self._started = time.time()
        self._name = ""
        self._size = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._sums.close()

    def member(self, name: str, content: bytes) -> bytes:
        """A whole member."""
        return self.begin(name, len(content)) + self.piece(content) + self.end()

    def begin(self, name: str, size: int) -> bytes:
        """The beginning of a member; its bytes go through `piece`."""
        self._name, self._size, self._digest = name, size, hashlib.sha256()
        return member_header(name, size, modified=self._started)

    def piece(self, data: bytes) -> bytes:
        """Bytes of the member that was begun."""
        self._digest.update(data)
        return data

    def end(self) -> bytes:
        """The end of the member."""
        self._sums.write(sums_line(self._digest.hexdigest(), self._name))
        return padding(self._size)

    def ending(self) -> Iterator[bytes]:
        """The checksums and the end of the archive."""
        size = self._sums.tell()
        self._sums.seek(0)
        yield member_header(SUMS, size, modified=self._started)
        while block := self._sums.read(_BLOCK_BYTES):
            yield block
        yield padding(size) + END_OF_ARCHIVE
