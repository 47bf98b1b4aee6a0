"""Copies of shard folders that stay small: the engine's files are mostly holes."""

import errno
import os
import shutil
from pathlib import Path

_SLICE_BYTES = 16 * 1024 * 1024


def copy_shard(source: Path, target: Path) -> None:
    """Copy a folder file by file, data only. Nobody may write to the source meanwhile.

    Hard links would not do: the engine changes its files in place.
    """
    target.mkdir(parents=True)
    for folder, names, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        for name in names:
            (there / name).mkdir()
        for name in files:
            _copy_file(Path(folder) / name, there / name)


def remove_folder(path: Path) -> None:
    """Remove a folder if it is there, whatever state it is in."""
    shutil.rmtree(path, ignore_errors=True)


def data_bytes(path: Path) -> int:
    """How much disk space a folder really takes."""
    return sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        size = os.fstat(reader.fileno()).st_size
        os.ftruncate(writer.fileno(), size)
        start = 0
        while start < size:
            span = _next_data(reader.fileno(), start)
            if span is None:
                break
            start, end = span
            while start < end:
                part = os.pread(reader.fileno(), min(_SLICE_BYTES, end - start), start)
                os.pwrite(writer.fileno(), part, start)
                start += len(part)


def _next_data(descriptor: int, start: int) -> tuple[int, int] | None:
    try:
        begin = os.lseek(descriptor, start, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise
    return begin, os.lseek(descriptor, begin, os.SEEK_HOLE)
