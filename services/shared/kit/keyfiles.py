"""Secrets that live in files: made once, readable by their owner alone."""

import os
import secrets
from pathlib import Path
from tempfile import mkstemp


def ensure_key_file(path: Path, *, prefix: str = "") -> str:
    """The secret in a file; a new random one (256 bits) is written with mode 0600 when there is none.

    Of several processes that start at once all get the same secret, and a crash never leaves half of one.

    Raises:
        ValueError: the file is there but empty.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, prefix + secrets.token_hex(32))
    return read_key_file(path)


def read_key_file(path: Path) -> str:
    """The secret in a file.

    Raises:
        ValueError: the file is empty.
    """
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise ValueError(f"The key file {path} is empty: delete it, so that a new key is made.")
    return key


def _write_once(path: Path, key: str) -> None:
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    written = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(written)  # unlike a rename it never replaces a secret already in use
    except FileExistsError:
        pass  # another process was faster; its secret is the one
    finally:
        written.unlink()
