"""Where the supervisor's control socket lies: under `run/`, unless that path is too long for a socket."""

import hashlib
import os
import tempfile
from pathlib import Path

from services.frontend.cli.exits import CliError

_MAX_SOCKET_PATH_BYTES = 95
"""unix(7) ends a socket's path after 107 bytes; supervisord appends its pid while it binds."""


def socket_path(run_dir: Path) -> Path:
    """The control socket of the platform with this run folder."""
    direct = run_dir / "supervisor.sock"
    if len(os.fsencode(direct)) <= _MAX_SOCKET_PATH_BYTES:
        return direct
    digest = hashlib.sha256(os.fsencode(run_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ragworks-{os.getuid()}-{digest}" / "supervisor.sock"


def ensure_private_folder(folder: Path) -> None:
    """The folder exists, is ours, and is closed to others: who can reach the socket controls the platform.

    Raises:
        CliError: somebody else made it first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or folder.is_symlink():
        raise CliError(
            f"The folder {folder} belongs to somebody else (uid {found.st_uid}).",
            hint="Remove it, or set RAGWORKS_HOME to a folder of your own.",
        )
    folder.chmod(0o700)
