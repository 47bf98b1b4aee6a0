"""What a reader of a source is. Implementations are one per file beside this one and are listed in `registry.py`.

A reader has no memory: what it wants to know again at the next sync it gives away as an item's `state`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

State = Mapping[str, object]
"""What a reader wants back about an item at the next sync, as JSON."""

KnownState = Callable[[str], Awaitable[State | None]]
"""The state that the last sync kept of an item, by its key."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something a source holds: a file, a page, an object.

    `key` is its lasting name within the source, `path` what globs are matched against, `source` the name of the
    document it becomes. Two items with the same `fingerprint` have the same bytes; None when only a fetch tells.
    """

    key: str
    path: str
    source: str
    filename: str
    fingerprint: str | None
    bytes: int | None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Something that is there but cannot be read, and why; `hides_more`: there may be further items behind it."""

    key: str
    source: str
    code: str
    message: str
    hides_more: bool = False


@dataclass(frozen=True)
class Content:
    """The bytes of an item, to be read once; `file_id` when the platform has them as a file already."""

    chunks: AsyncIterator[bytes]
    state: State | None = None
    file_id: str | None = None


class SourceReader(Protocol):
    """Reads one source; may be used from one task per item at once, and is closed at the end."""

    def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:
        """Every item, cheaply: without fetching what it holds.

        Raises:
            SourceError: the source cannot be listed; what was listed so far says nothing about the rest.
        """
        ...

    def fetch(self, item: Item) -> AbstractAsyncContextManager[Content | None]:
        """The bytes of an item that was listed, or None when they are those that its state is about.

        Its `state` is here that of the last sync, and only if the platform still has what that brought.

        Raises (also while the bytes are read):
            ItemError: this item cannot be fetched.
            SourceError: none can.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...


class SourceError(Exception):
    """The source as a whole cannot be read; the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ItemError(Exception):
    """One item cannot be fetched; `gone`: as it is not there any more."""

    def __init__(self, code: str, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.gone = gone


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file: where its bytes are."""

    id: str
    sha256: str
    bytes: int
    filename: str
    path: Path


@dataclass(frozen=True)
class Surroundings:
    """What readers may use of the machine, and within which limits."""

    folders: tuple[Path, ...]
    """Folders of this machine that may be read."""
    forbidden: Path
    """The platform's own state, which never is."""
    cache: Path
    """A folder for what a reader keeps between syncs; it may be emptied."""
    private_addresses: bool
    """Whether addresses of inner networks may be asked."""
    max_bytes: int
    """Largest item."""
    timeout_s: float
    """Longest silence of an outside system."""
    files: Callable[[list[str]], Awaitable[Mapping[str, StoredFile]]]
    """Uploaded files by id, those of them that exist."""
