"""Reading the log files of the supervised processes: the end of one, and what is added to it."""

import os
from collections.abc import Iterator
from pathlib import Path

_BLOCK_BYTES = 64 * 1024


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file, read from its end; none when it does not exist."""
    if count <= 0:
        return []
    try:
        with path.open("rb") as file:
            return _tail(file.fileno(), count)
    except FileNotFoundError:
        return []


class Follower:
    """New lines of a log file as they come; follows it through rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode, self._offset = _identity(path)
        self._rest = b""

    def new_lines(self) -> Iterator[str]:
        """The complete lines written since the last call."""
        inode, size = _identity(self._path)
        if inode != self._inode or size < self._offset:
            self._inode, self._offset, self._rest = inode, 0, b""
        if size <= self._offset:
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size


def _tail(descriptor: int, count: int) -> list[str]:
    position = os.lseek(descriptor, 0, os.SEEK_END)
    data = b""
    while position > 0 and data.count(b"\n") <= count:
        step = min(_BLOCK_BYTES, position)
        position -= step
        data = os.pread(descriptor, step, position) + data
    return [line.decode(errors="replace") for line in data.splitlines()[-count:]]
