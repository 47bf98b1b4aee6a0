"""Files that survive a power cut: written beside, synced, renamed, and the folder synced as well."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file's content in one step; a kill leaves the old content or the new, never a mixture."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
