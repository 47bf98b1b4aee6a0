"""One process owns the data folder at a time."""

import fcntl
import os
from pathlib import Path

from services.vectordb.errors import OwnedElsewhereError


class OwnerLock:
    """An advisory lock on a file in the data folder; the kernel releases it when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "owner.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; OwnedElsewhereError names the process that has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode() or "unknown"
            os.close(descriptor)
            raise OwnedElsewhereError(
                f"The vector data under {self._path.parent} is in use by another process (pid {owner}); "
                "stop it first, or set RAGWORKS_HOME to another folder."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
