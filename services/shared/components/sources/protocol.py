"""What a reader of a source is. Implementations are one per file beside this one and are listed in `registry.py`.

A reader has no memory: what it wants to know again at the next sync it gives away as an item's `state`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from services.shared.components.connectors.vault import Vault

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
    access: tuple[str, ...] | None = None
    """Who may read it; None where the source does not know, and its declaration says."""
    attributes: Mapping[str, str | float | bool] | None = None


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Something that is there but cannot be read, and why; `hides_more`: there may be further items behind it."""

    key: str
    source: str
    code: str
    message: str
    hides_more: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that the source had and has no more."""

    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    """All that changed up to this cursor was told."""

    cursor: str


Change = Item | Unlisted | Gone | Mark


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


@runtime_checkable
class ChangeReader(Protocol):
    """Reads a source that tells what changed, with what it holds; else as `SourceReader`."""

    def goes_on(self) -> bool:
        """Whether it can go on from a cursor; else it tells everything each time."""
        ...

    def tells_all(self) -> bool:
        """Whether what it leaves out without a cursor is not there any more."""
        ...

    def changes(self, cursor: str | None) -> AsyncIterator[Change]:
        """What changed since the cursor, oldest first; everything without one.

        Raises:
            SourceError: it cannot go on; what it told up to the last mark counts.
        """
        ...

    def fetch(self, item: Item) -> AbstractAsyncContextManager[Content | None]:
        """The bytes of an item that was told since `forget`; raises as `SourceReader.fetch`."""
        ...

    async def forget(self) -> None:
        """Let go of the bytes of what was told."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
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
class DeclaredConnectors:
    """Where connectors are declared, where their secrets are, which inner hosts they may ask, and who wants one."""

    file: Path | None
    environment: Mapping[str, str]
    home: Path
    private_hosts: frozenset[str]
    vault: Vault | None = None
    principal: str | None = None
    collection: str = ""


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
    connectors: DeclaredConnectors | None = None
