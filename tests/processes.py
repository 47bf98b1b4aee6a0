"""Real processes in tests: started on free ports, awaited with a deadline, stopped by their own id."""

import asyncio
import itertools
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.forked import FORKED, Forked, ServiceProcess

REPOSITORY = Path(__file__).resolve().parents[1]
_STOP_S = 15
_POLL_S = 0.05

_BELOW_EPHEMERAL = range(20_000, 32_000)
"""Ports that no outgoing connection takes while a killed service is away from its own."""

_given: set[int] = set()
"""Ports this process has drawn: who drew one may not listen there yet, or not again."""

T = TypeVar("T")


class _Logs:
    """Where the output of processes goes: a folder of the test session, of which pytest keeps the last three."""

    folder: Path | None = None


logs = _Logs()


class _Starts:
    """How services start; what measures how long that takes starts them as the platform does, not as forks."""

    forked = True


starts = _Starts()


def free_port() -> int:
    """A loopback port nobody listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, outside the range that outgoing connections use; none is given twice."""
    own = [port for port in _own_ports(os.environ) if port not in _given]
    free = (port for port in random.SystemRandom().sample(own, k=len(own)) if _is_free(port))
    ports = list(itertools.islice(free, count))
    if len(ports) < count:
        raise AssertionError(f"Of the ports of this test process only {len(ports)} are free, {count} are needed.")
    _given.update(ports)
    return ports


def _own_ports(environment: Mapping[str, str]) -> range:
    """The share of this test process: a port is taken only later, and another process must not draw it until then."""
    number = int(environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return _BELOW_EPHEMERAL[number :: int(environment.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start_process(module: str, env: Mapping[str, str]) -> ServiceProcess:
    """Start `python -m module` from the repository's root; its output goes to a file in `logs`."""
    if module not in FORKED or not starts.forked:
        return start_command([sys.executable, "-m", module], env)
    descriptor, log = _new_log(module)
    os.close(descriptor)
    return Forked(module, {**os.environ, **env}, log, REPOSITORY)


def start_command(command: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command from the repository's root."""
    descriptor, _ = _new_log(Path(command[-1]).name)
    with os.fdopen(descriptor, "wb") as log:
        return subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **env}, stdout=log, stderr=subprocess.STDOUT
        )


def _new_log(name: str) -> tuple[int, Path]:
    descriptor, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".log", dir=logs.folder)
    return descriptor, Path(path)


def stop_process(process: ServiceProcess) -> None:
    """Ask the process to end; kill it when it does not."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(module: str, env: Mapping[str, str], *, ready: str, deadline_s: float = 60) -> Generator[str]:
    """A service while the block runs; `ready` is the URL that answers 200 when it is up, its root is yielded."""
    process = start_process(module, env)
    try:
        wait_ready(ready, deadline_s, process=process)
        yield ready.rsplit("/", 1)[0]
    finally:
        stop_process(process)


def wait_ready(
    url: str,
    deadline_s: float,
    *,
    process: ServiceProcess | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Return when the URL answers 200; fail when it does not in time or the process has ended."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever proxy the environment names

    def answers() -> bool:
        if process is not None and process.poll() is not None:
            raise AssertionError(f"The process ended with code {process.returncode} before {url} was ready.")
        request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - an address of our own
        try:
            with direct.open(request, timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    wait_until(answers, deadline_s=deadline_s, what=f"{url} to answer 200")


def wait_until(condition: Callable[[], T], *, deadline_s: float, what: str) -> T:
    """The condition's first true value; fails with `what` was awaited when the deadline passes."""
    deadline = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {deadline_s:g} s for {what}.")
        time.sleep(_POLL_S)


async def eventually(condition: Callable[[], Awaitable[bool]], *, deadline_s: float, what: str) -> None:
    """Return when the condition holds; fails with `what` was awaited when the deadline passes."""
    try:
        async with asyncio.timeout(deadline_s):
            while not await condition():  # noqa: ASYNC110 - another process is awaited, it sets no event here
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise AssertionError(f"Waited {deadline_s:g} s for {what}.") from error
