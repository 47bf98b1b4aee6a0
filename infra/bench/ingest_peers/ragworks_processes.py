"""The platform as it runs in production, started for the measurement: every process of an ingest, with the real model.

No model engine: nothing of an ingest asks it. State lies in a folder of its own, models are those under `var/models`.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from infra.bench.ingest_peers.figures_of_run import Run
from infra.bench.ingest_peers.processes import PeakMemory, cpu_seconds
from infra.bench.ingest_peers.time_left import TimeLeft
from infra.bench.texts import REPOSITORY

_MODULES = {
    "vectordb": "services.vectordb",
    "embedding": "services.embedding",
    "inference": "services.inference",
    "corpus": "services.corpus",
    "ingest": "pipelines.ingest",
    "gateway": "services.gateway",
}
_EMBEDDER = "embedding"
_READY_WITHOUT_ENGINE = {"inference": "healthz", "gateway": "healthz"}
_START_S = 300
_PARTLY = 4  # what the command exits with when some documents failed


class Platform:
    """The running processes, by name."""

    def __init__(self, environment: Mapping[str, str], processes: Mapping[str, psutil.Process]) -> None:
        self._environment = environment
        self._processes = processes

    def ingest(self, folder: Path, *, collection: str) -> Run:
        """`ragworks ingest` as a user runs it, its imports left out."""
        script = [sys.executable, "-m", "infra.bench.ingest_peers.ragworks_client", str(folder), collection]
        spent: list[float] = []

        def ingest() -> dict[str, Any]:
            said, _, seconds = self._said(script).rstrip().rpartition("\n")
            spent.append(float(seconds))
            return json.loads(said)

        report, run = self._measured(ingest)
        jobs = [self.command("jobs", "show", job) for job in report["jobs"]]
        documents, chunks = report["done"] + report["unchanged"], sum(job["chunks"] for job in jobs)
        return replace(run, documents=documents, chunks=chunks, cpu_s=run.cpu_s + spent[0])

    def sync(self, source: str) -> tuple[dict[str, Any], Run]:
        """`ragworks sync run`: its report, and what it cost in the services; nothing is counted yet."""
        return self._measured(lambda: self.command("sync", "run", source))

    def time_left(self, source: str) -> TimeLeft:
        """What the newest sync of a source says of the time it still needs, while a block runs."""
        key = Path(self._environment["RAGWORKS_HOME"], "secrets", "api.key").read_text(encoding="utf-8").strip()
        return TimeLeft(self._environment["RAGWORKS_GATEWAY_URL"], key, source)

    def command(self, *arguments: str) -> dict[str, Any]:
        """What `ragworks ARGUMENTS --json` says."""
        return json.loads(self._said([Path(sys.executable).with_name("ragworks"), *arguments, "--json"]))

    def _measured(self, work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], Run]:
        before, started = cpu_seconds(self._processes), time.perf_counter()
        with PeakMemory(self._processes.values()) as memory:
            report = work()
        after = cpu_seconds(self._processes)
        return report, Run(
            documents=0,
            chunks=0,
            cpu_s=sum(after.values()) - sum(before.values()),
            embedder_cpu_s=after[_EMBEDDER] - before[_EMBEDDER],
            wall_s=time.perf_counter() - started,
            peak_rss_mib=memory.mib,
        )

    def _said(self, command: Sequence[str | Path]) -> str:
        ended = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, cwd=REPOSITORY
        )
        if ended.returncode not in {0, _PARTLY}:
            raise SystemExit(f"'{' '.join(map(str, command))}' failed: {ended.stderr.strip()[-1000:]}")
        return ended.stdout


@contextmanager
def running_platform(home: Path) -> Generator[Platform]:
    """The platform in this folder while the block runs; sources may be read from beside it."""
    home.mkdir(parents=True)
    (home / "models").symlink_to((REPOSITORY / "var" / "models").resolve())
    environment = _environment(home)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, module in _MODULES.items():
            with (home / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(
                    [sys.executable, "-m", module], env=environment, cwd=REPOSITORY, stdout=log, stderr=log
                )
        for name, process in started.items():
            page = _READY_WITHOUT_ENGINE.get(name, "readyz")
            _wait(f"{environment[f'RAGWORKS_{name.upper()}_URL']}/{page}", process, log=home / f"{name}.log")
        yield Platform(environment, {name: psutil.Process(process.pid) for name, process in started.items()})
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            process.wait()


def _environment(home: Path) -> dict[str, str]:
    """The caller's environment without what configures a platform of theirs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAGWORKS_")}
    environment |= {f"RAGWORKS_{name.upper()}_URL": f"http://127.0.0.1:{_free_port()}" for name in _MODULES}
    environment |= {f"RAGWORKS_{name}_KEY": secrets.token_hex(16) for name in ("INTERNAL", "ENGINE", "VECTORDB")}
    return environment | {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_ENGINE_URL": "http://127.0.0.1:9",
        "RAGWORKS_LOG_LEVEL": "warning",
        "RAGWORKS_SOURCES_FOLDERS": str(home.parent),
        "NO_PROXY": "127.0.0.1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], *, log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with direct.open(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not become ready: {log.read_text(errors='replace')[-1500:]}")
