"""Watches an archive as it passes: what it says of itself, whether it is whole, and how far it is."""

import hashlib
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import Progress, TaskID

from services.frontend.cli.exits import CliError
from services.frontend.cli.terminal import human_bytes, notices, progress_bar
from services.shared.components.archives.layout import Limits
from services.shared.components.archives.reader import ArchiveReader, Found, Part
from services.shared.contracts.archives import ArchiveHeader, ArchiveManifest
from services.shared.kit.errors import PlatformError

_NO_LIMIT = Limits(archive=sys.maxsize, original=sys.maxsize)


@dataclass(frozen=True)
class Archive:
    """An archive that is whole."""

    header: ArchiveHeader
    manifest: ArchiveManifest
    bytes: int
    sha256: str


class ArchiveWatch:
    """One pass of an archive, with its bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._reader = ArchiveReader(_NO_LIMIT)
        self._digest = hashlib.sha256()
        self._documents = 0
        self._header: ArchiveHeader | None = None
        self._manifest: ArchiveManifest | None = None

    def passing(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The same blocks, looked at.

        Raises:
            CliError: they are not those of a whole archive.
        """
        try:
            for block in blocks:
                self._digest.update(block)
                for found in self._reader.feed(block):
                    self._see(found)
                self._progress.update(self._task, note=human_bytes(self._reader.read))
                yield block
            self._reader.close()
        except PlatformError as error:
            raise CliError(error.message) from error

    def archive(self) -> Archive:
        """What passed; call it when all of it has.

        Raises:
            CliError: it was nothing.
        """
        if self._header is None or self._manifest is None:
            raise CliError("The archive is empty.")
        return Archive(self._header, self._manifest, self._reader.read, self._digest.hexdigest())

    def _see(self, found: Found) -> None:
        match found:
            case ArchiveHeader():
                self._header = found
                self._progress.update(self._task, total=found.documents)
            case ArchiveManifest():
                self._manifest = found
            case Part(kind="documents"):
                self._documents += found.content.count(b"\n")
                self._progress.update(self._task, completed=self._documents)
            case _:
                pass


@contextmanager
def watched(stage: str) -> Generator[ArchiveWatch]:
    """A bar that counts documents and bytes; one line where there is no terminal."""
    console = notices()
    with progress_bar(console, transient=True) as progress:
        if not console.is_terminal:
            console.print(stage)
        yield ArchiveWatch(progress, progress.add_task(f"{stage:<9}", total=None, note=""))
