"""Files below a folder of this machine. Hidden ones, and links that lead out of the folder, are left out."""

import os
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.shared.components.sources.folders import allowed_folder
from services.shared.components.sources.protocol import (
    Content,
    Item,
    ItemError,
    KnownState,
    SourceError,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.streams import blocks_of, off_loop
from services.shared.contracts.sources import FolderSource


class FolderReader:
    """Reads a folder; an item's key is its path below it."""

    def __init__(self, config: FolderSource, around: Surroundings, source_id: str) -> None:  # noqa: ARG002 - as all readers
        self._config = config
        self._around = around

    async def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:  # noqa: ARG002 - the protocol's
        """Every file; its fingerprint is size and time of change."""
        root = self._root()
        if not root.is_dir():
            raise SourceError(
                "folder_missing",
                f"'{root}' is not a folder that the ingest worker can see; is it mounted, and spelled right?",
            )
        async for item in off_loop(_walk(root, root)):
            yield item

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The file's bytes, unless it changes while they are read."""
        root = self._root()
        try:
            path = (root / item.key).resolve(strict=True)
            if not path.is_relative_to(root):
                raise ItemError("outside_folder", "It is a link that leads out of the folder.")
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                yield Content(_unmoved(file.fileno(), blocks_of(file, most=self._around.max_bytes)))
        except OSError as error:
            raise _unreadable(error) from error

    async def close(self) -> None:
        """Nothing is open."""

    def _root(self) -> Path:
        return allowed_folder(self._config.path, folders=self._around.folders, forbidden=self._around.forbidden)


async def _unmoved(descriptor: int, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        raise ItemError("not_a_file", "It is not a regular file.")
    async for block in blocks:
        yield block
    after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ItemError("changed_while_read", "It changed while it was read; the next sync tries again.")


def _walk(folder: Path, root: Path) -> Iterator[Item | Unlisted]:
    """Depth first, in order of names, without following links to folders."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        if folder == root:
            raise SourceError("folder_unreadable", f"'{root}' cannot be listed: {error.strerror}.") from error
        yield _unlisted(folder, root, error, hides_more=True)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), root)
        else:
            yield from _file(entry, root)


def _file(entry: os.DirEntry[str], root: Path) -> Iterator[Item | Unlisted]:
    path = Path(entry.path)
    try:
        if entry.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
            return
        found = entry.stat()
    except OSError as error:
        yield _unlisted(path, root, error)
        return
    if stat.S_ISDIR(found.st_mode):
        return
    key = entry.path[len(str(root)) + 1 :]
    if not stat.S_ISREG(found.st_mode):
        yield Unlisted(_printable(key), _printable(entry.path), "not_a_file", "It is not a regular file.")
    elif _printable(key) != key:
        yield Unlisted(_printable(key), _printable(entry.path), "name_not_utf8", "Its name is not UTF-8; rename it.")
    else:
        yield Item(
            key=key,
            path=key,
            source=entry.path,
            filename=entry.name,
            fingerprint=f"{found.st_size}-{found.st_mtime_ns}",
            bytes=found.st_size,
        )


def _unlisted(path: Path, root: Path, error: OSError, *, hides_more: bool = False) -> Unlisted:
    key = path.relative_to(root).as_posix()
    reason = _unreadable(error)
    return Unlisted(_printable(key), _printable(str(path)), reason.code, reason.message, hides_more=hides_more)


def _unreadable(error: OSError) -> ItemError:
    if isinstance(error, FileNotFoundError):
        return ItemError("vanished", "It is not there any more, or is a link to nothing.", gone=True)
    return ItemError("unreadable", f"It cannot be read: {error.strerror or error}.")


def _printable(name: str) -> str:
    """The name as UTF-8 can hold it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
