"""What calling a tool that does nothing costs: from a service like the orchestrator to the connectors service and back.

`python -m infra.bench.tools` measures it alone: a connectors service of its own is started, the platform is not needed.
"""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psutil
from pydantic import SecretStr
from rich.console import Console

from infra.bench.figures import Figure, Section, percentile
from infra.bench.report import REPOSITORY, print_section
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.context import principal
from services.shared.kit.errors import PlatformError
from services.shared.kit.http import ServiceClient

_FILE = """
[[connectors]]
name = "bench"
kind = "infra.bench.noop_connector:NoopConnector"
allow = ["everyone"]
"""
_TARGETS_MS: Mapping[str, float] = {"nothing": 5.0, "remembered": 2.0}
_TITLES = {"nothing": "a tool that does nothing", "remembered": "a result from the cache"}
_START_S = 60.0
_KEY = secrets.token_hex(32)
_WARM_UP = 200


def measure(*, calls: int = 2_000) -> Section:
    """Call both tools one after the other, and count the processor time of both processes."""
    figures = asyncio.run(_measured(calls))
    notes = [
        f"{calls:,} calls of each, one after the other, by the client that the orchestrator uses; signed, audited.",
        "Processor time is that of client and service together, as the kernel counts it in ticks of 10 ms.",
    ]
    return Section("Calling a tool", figures, notes)


async def _measured(calls: int) -> list[Figure]:
    figures: list[Figure] = []
    async with _client() as (client, process):
        for tool, target in _TARGETS_MS.items():
            await _call(client, tool, _WARM_UP)
            before = _used_s(process)
            walls = await _call(client, tool, calls)
            cpu_ms = 1000 * (_used_s(process) - before) / calls
            figures += [
                Figure(f"{_TITLES[tool]}, processor", "ms", value=cpu_ms, target=f"< {target:g}", met=cpu_ms < target),
                Figure(f"{_TITLES[tool]}, wall", "ms", p50=percentile(walls, 50), p95=percentile(walls, 95)),
            ]
    return figures


async def _call(client: ServiceClient, tool: str, calls: int) -> list[float]:
    walls: list[float] = []
    for _ in range(calls):
        started = time.perf_counter()
        await client.post_json(f"/api/tools/bench.{tool}/call", {"arguments": {"word": "again"}})
        walls.append(1000 * (time.perf_counter() - started))
    return walls


@asynccontextmanager
async def _client() -> AsyncGenerator[tuple[ServiceClient, psutil.Process]]:
    """A client of a service that runs while the block does."""
    with tempfile.TemporaryDirectory(prefix="ragworks-bench-") as folder:
        home = Path(folder)
        url = f"http://127.0.0.1:{_free_port()}"
        settings = OrchestratorSettings(home=home, connectors_url=url, internal_key=SecretStr(_KEY))
        with _service(home, url) as process:
            async with ServiceClient(url, audience="connectors", settings=settings) as client:
                principal.set("key:bench")
                await _ready(client, process)
                yield client, process


@contextmanager
def _service(home: Path, url: str) -> Generator[psutil.Process]:
    file = home / "connectors.toml"
    file.write_text(_FILE)
    env = {
        **os.environ,
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": _KEY,
        "RAGWORKS_CONNECTORS_URL": url,
        "RAGWORKS_CONNECTORS_FILE": str(file),
        "RAGWORKS_LOG_LEVEL": "warning",
    }
    started = subprocess.Popen([sys.executable, "-m", "services.connectors"], cwd=REPOSITORY, env=env)
    try:
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(timeout=15)


async def _ready(client: ServiceClient, process: psutil.Process) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.is_running():
        try:
            await client.get_json("/api/tools")
        except PlatformError:
            await asyncio.sleep(0.1)
        else:
            return
    raise SystemExit("The connectors service did not start; its output is above.")


def _used_s(process: psutil.Process) -> float:
    """Of the service and of this process."""
    both = (process.cpu_times(), psutil.Process().cpu_times())
    return sum(each.user + each.system for each in both)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    print_section(Console(soft_wrap=True), measure())
