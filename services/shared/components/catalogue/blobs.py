"""The bytes of uploaded files on disk, named by their SHA-256: a blob that can be seen is complete and durable."""

import errno
import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from services.shared.kit.database import disk_full


@dataclass(frozen=True)
class BlobStore:
    """A folder of blobs."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Where the blob is, or would be."""
        return self.folder / sha256[:2] / sha256

    def begin(self) -> "BlobWriter":
        """A new blob to write; a context manager, after which nothing is left unless it was put in place."""
        return BlobWriter(self._incoming() / uuid4().hex)

    def put(self, writer: "BlobWriter") -> None:
        """Make a finished blob visible, durably; the same bytes may be there already.

        Raises:
            StorageFullError: the disk is full; no blob was added.
        """
        target = self.path(writer.sha256)
        with storage_full_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            writer.path.replace(target)
            _sync_folder(target.parent)

    def remove(self, sha256: str) -> None:
        """Remove the blob; nothing happens when there is none."""
        self.path(sha256).unlink(missing_ok=True)

    def remove_abandoned(self) -> int:
        """Remove what uploads left whose process did not survive; how many there were."""
        abandoned = [path for path in self._incoming().iterdir() if _nobody_writes(path)]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def _incoming(self) -> Path:
        folder = self.folder / "incoming"
        with storage_full_errors():
            folder.mkdir(parents=True, exist_ok=True)
        return folder


class BlobWriter:
    """Bytes on their way to becoming a blob."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._descriptor: int | None = None

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far, hex."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        with storage_full_errors():
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # ends with the process, however that ends
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._close()
        with suppress(FileNotFoundError):
            self.path.unlink()

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            StorageFullError: the disk is full.
        """
        if self._descriptor is None:
            raise ValueError("The blob is not open for writing.")
        self._digest.update(data)
        self.size += len(data)
        view = memoryview(data)
        with storage_full_errors():
            while view:
                view = view[os.write(self._descriptor, view) :]

    def finish(self) -> None:
        """Bring the bytes to the disk; after this the blob can be put in place.

        Raises:
            StorageFullError: the disk is full.
        """
        if self._descriptor is not None:
            with storage_full_errors():
                os.fsync(self._descriptor)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def storage_full_errors() -> Generator[None]:
    """Map a full disk to StorageFullError."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full() from error
        raise


def _nobody_writes(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
