"""What an export remembers on disk, so that its memory does not grow with the collection."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_IN_MEMORY_BYTES = 16 * 1024 * 1024


class Written:
    """Which documents and originals an archive has already. A context manager, for one thread at a time."""

    def __init__(self) -> None:
        # Autocommit: there is nothing to roll back. A temporary file that goes with the connection.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("CREATE TABLE documents (id TEXT PRIMARY KEY, version TEXT, source TEXT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE originals (sha256 TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._database.close()

    def version(self, document_id: str) -> str | None:
        """The version of a document that is in the archive with chunks of its own; "" when it has none."""
        row = self._database.execute("SELECT version FROM documents WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else str(row[0])

    def source(self, document_id: str) -> str | None:
        """The source of a document that is in the archive."""
        row = self._database.execute("SELECT source FROM documents WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else str(row[0])

    def add(self, document_id: str, version: str, *, source: str) -> None:
        """Note a document; with an empty version one whose chunks are another's, or that was left out."""
        self._database.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (document_id, version, source))

    def has_original(self, sha256: str) -> bool:
        """Whether the archive has these bytes."""
        return self._database.execute("SELECT 1 FROM originals WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def add_original(self, sha256: str) -> None:
        """Note that it has them."""
        self._database.execute("INSERT OR IGNORE INTO originals VALUES (?)", (sha256,))


class Parts:
    """Members that are ready, but may still have to be thrown away. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115 - see `__exit__`
        self._sizes: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, chunks: bytes, vectors: bytes) -> None:
        """Keep a part of chunks and their vectors."""
        self._file.write(chunks)
        self._file.write(vectors)
        self._sizes.append((len(chunks), len(vectors)))

    def take(self) -> Iterator[tuple[bytes, bytes]]:
        """All that was kept, in order."""
        self._file.seek(0)
        for chunks, vectors in self._sizes:
            yield self._file.read(chunks), self._file.read(vectors)
