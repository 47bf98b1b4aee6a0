"""Secrets that live in files: made once, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def ensure_key_file(path: Path, *, prefix: str = "") -> str:
    """The secret in a file; a new random one (256 bits) is written with mode 0600 when there is none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = prefix + secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
