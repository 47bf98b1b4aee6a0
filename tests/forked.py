"""Services as forks of one process that has their modules loaded: there in a moment, and killed like any other.

Loading what a service imports takes seconds of processor time, and tests start some hundred of them. The platform's own
way of starting, `python -m`, is what the tests of the whole platform go.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Protocol

FORKED = frozenset(
    {
        "pipelines.ingest",
        "services.connectors",
        "services.corpus",
        "services.gateway",
        "services.inference",
        "services.orchestrator",
        "services.retrieval",
        "services.vectordb",
        "tests.integration.ingest.hashing_inference",
    }
)
"""Without the embedding server: PyTorch and OpenVINO have threads that no fork takes along."""


class ServiceProcess(Protocol):
    """A process as `subprocess.Popen` and `Forked` have it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int, /) -> None: ...

    def kill(self) -> None: ...

    def terminate(self) -> None: ...


class Forked:
    """`python -m module` as a fork, with this environment and its output in this file."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path, folder: Path) -> None:
        self._module = module
        self._process = _context().Process(target=_run, args=(module, dict(environment), log, folder), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._module, timeout or 0)
        return self._process.exitcode

    def send_signal(self, sig: int, /) -> None:
        """Any signal, unless it has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    services = (f"{module}.app" for module in sorted(FORKED) if module.startswith("services."))
    context.set_forkserver_preload([__name__, "services.shared.kit.server", "pipelines.ingest.worker", *services])
    return context


def _run(module: str, environment: Mapping[str, str], log: Path, folder: Path) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    for output in (1, 2):
        os.dup2(descriptor, output)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
