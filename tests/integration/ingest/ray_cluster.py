"""A Ray cluster of this machine, as `ray start` makes one, which a test can break."""

import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress

import psutil

from tests.processes import free_ports, start_command

_STORE_BYTES = 100 * 1024 * 1024
ACCESS = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "a-token-that-only-the-tests-share",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # listens on the loopback address only, and asks for it there
}
"""What the cluster is started with, and what a process needs to be let in."""


class RayCluster:
    """The processes of a cluster."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process

    def kill_a_worker(self) -> None:
        """SIGKILL one of the processes that ingest."""
        workers = [each for each in self._processes() if "IngestNode" in _command(each)]
        workers[0].kill()

    def kill(self) -> None:
        """SIGKILL all of it at once."""
        for each in (self._process, *self._processes()):
            with suppress(psutil.NoSuchProcess):
                each.kill()

    def _processes(self) -> list[psutil.Process]:
        return self._process.children(recursive=True)


@contextmanager
def ray_cluster(port: int) -> Generator[RayCluster]:
    """A cluster with two processors while the block runs; it listens on the loopback address only."""
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # short: the paths of its sockets are limited
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}",
        "--node-ip-address=127.0.0.1", "--num-cpus=2", f"--object-store-memory={_STORE_BYTES}",
        "--include-dashboard=false", "--include-log-monitor=false", "--no-monitor", "--disable-usage-stats",
        f"--ray-client-server-port={free_ports(1)[0]}", f"--temp-dir={folder}",
    ]  # fmt: skip
    process = start_command(command, ACCESS)
    cluster = RayCluster(psutil.Process(process.pid))
    try:
        yield cluster
    finally:
        cluster.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _command(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""
