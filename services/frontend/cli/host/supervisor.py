"""Speaks to supervisord over its control socket: start, states, stop."""

import fcntl
import http.client
import os
import time
import xmlrpc.client
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from services.frontend.cli.exits import CliError
from services.frontend.cli.host.guardian import start_supervisord
from services.frontend.cli.host.log_files import last_lines
from services.frontend.cli.host.socket_path import ensure_private_folder, socket_path
from services.frontend.cli.settings import REPOSITORY, CliSettings

CONFIG = REPOSITORY / "infra" / "embedded" / "supervisord.conf"

_START_WAIT_S = 30.0
_UNREACHABLE = (OSError, xmlrpc.client.Error, http.client.HTTPException)


@dataclass(frozen=True)
class ProgramState:
    """A program as supervisord sees it; `state` in its words: RUNNING, STARTING, BACKOFF, STOPPED ..."""

    name: str
    state: str
    pid: int | None
    since: float
    description: str

    @property
    def running(self) -> bool:
        return self.state in {"RUNNING", "STARTING"}


class Supervisor:
    """The supervisord of one platform."""

    def __init__(self, settings: CliSettings) -> None:
        self._settings = settings
        self._socket = socket_path(settings.run_dir)

    def is_running(self) -> bool:
        """Whether it answers on its socket."""
        try:
            self._call("supervisor.getState")
        except _UNREACHABLE:
            return False
        return True

    def start(self) -> None:
        """Start it in the background and wait until it answers.

        Raises:
            CliError: it ended at once, with its last words.
        """
        settings = self._settings
        for folder in (settings.run_dir, self._socket.parent):
            ensure_private_folder(folder)
        settings.logs_dir.mkdir(parents=True, exist_ok=True)
        for starts in settings.run_dir.glob("*.starts"):
            starts.unlink()
        output = settings.logs_dir / "supervisord.out"
        output.unlink(missing_ok=True)
        environment = settings.child_environment() | {"RAGWORKS_SOCKET": str(self._socket)}
        process = start_supervisord(CONFIG, output=output, environment=environment)
        deadline = time.monotonic() + _START_WAIT_S
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CliError("The supervisor did not start.", hint="\n".join(last_lines(output, 20)))
            time.sleep(0.1)

    def states(self) -> dict[str, ProgramState]:
        """Every program by name; empty when the supervisor is not running."""
        try:
            found = cast("list[dict[str, Any]]", self._call("supervisor.getAllProcessInfo"))
        except _UNREACHABLE:
            return {}
        return {info["name"]: _program_state(info) for info in found}

    def retry(self, name: str) -> None:
        """Start a program that is stopped or waits for its next attempt."""
        with suppress(*_UNREACHABLE):
            self._call("supervisor.startProcess", name, False)

    def shut_down(self) -> None:
        """Ask for an orderly end of everything; returns at once."""
        with suppress(*_UNREACHABLE):
            self._call("supervisor.shutdown")

    def _call(self, method: str, *arguments: object) -> object:
        from supervisor.xmlrpc import SupervisorTransport

        if not self._socket.exists():
            raise FileNotFoundError(self._socket)
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy, method)(*arguments)
        finally:
            transport.close()


@contextmanager
def start_lock(run_dir: Path) -> Generator[None]:
    """Only one `ragworks up` or `down` changes a platform at a time; another waits here."""
    ensure_private_folder(run_dir)
    descriptor = os.open(run_dir / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def restarts(run_dir: Path, name: str) -> int:
    """How often a program was started again since `ragworks up`."""
    try:
        return max(len((run_dir / f"{name}.starts").read_text(encoding="ascii").splitlines()) - 1, 0)
    except FileNotFoundError:
        return 0


def _program_state(info: dict[str, Any]) -> ProgramState:
    return ProgramState(
        name=info["name"],
        state=info["statename"],
        pid=info["pid"] or None,
        since=float(info["start"]),
        description=info["description"],
    )
