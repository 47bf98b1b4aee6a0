"""A whole platform for tests: the one that runs when it is named, else one started beside whatever else runs here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine import EngineEndpoint, named_engine
from tests.processes import REPOSITORY, free_ports, logs

SERVICES = (
    "gateway", "engine", "orchestrator", "inference", "connectors", "retrieval", "corpus", "embedding",
    "ingest", "vectordb",
)  # fmt: skip
RAGWORKS = str(Path(sys.executable).parent / "ragworks")

_START_S = 660


@dataclass(frozen=True)
class Platform:
    """A running platform; `env` makes `ragworks` speak to it."""

    url: str
    key: str
    home: Path
    env: Mapping[str, str]

    @property
    def engine(self) -> EngineEndpoint:
        """Its model engine."""
        key = self.env.get("RAGWORKS_ENGINE_KEY") or (self.home / "secrets" / "engine.key").read_text().strip()
        return EngineEndpoint(url=self.env["RAGWORKS_ENGINE_URL"], key=key)


def ragworks(
    *arguments: str, env: Mapping[str, str], timeout_s: float = 120, cwd: Path = REPOSITORY
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, as a script would: its output is not a terminal."""
    return subprocess.run(
        [RAGWORKS, *arguments],
        env={**os.environ, **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def running_platform(extra_env: Mapping[str, str]) -> Generator[Platform]:
    """The platform at RAGWORKS_TEST_PLATFORM_URL, else a fresh one, stopped and removed at the end.

    A named one runs on this machine, with its home at RAGWORKS_TEST_PLATFORM_HOME. A fresh one uses the engine at
    RAGWORKS_TEST_ENGINE_URL when that is set.
    """
    url = os.environ.get("RAGWORKS_TEST_PLATFORM_URL")
    if url:
        yield _named_platform(url)
        return
    home = Path(tempfile.mkdtemp(prefix="ragworks-platform-"))
    env = {**platform_environment(home), **extra_env}
    try:
        started = ragworks("up", "--no-sample", env=env, timeout_s=_START_S)
        assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
        key = (home / "secrets" / "api.key").read_text().strip()
        yield Platform(env["RAGWORKS_GATEWAY_URL"], key, home, env)
    finally:
        ragworks("down", env=env)
        if logs.folder is not None:
            shutil.copytree(home / "logs", logs.folder / home.name, dirs_exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)


def platform_environment(home: Path) -> dict[str, str]:
    """Settings of a platform that meets no other: free ports, a home of its own, the models of this checkout."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(REPOSITORY / "var" / "models")
    ports = free_ports(len(SERVICES))
    env = {
        f"RAGWORKS_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in zip(SERVICES, ports, strict=True)
    }
    env |= {"RAGWORKS_HOME": str(home), "RAGWORKS_API_KEY": "", "NO_PROXY": "127.0.0.1"}
    engine = named_engine()
    if engine is not None:
        env |= {
            "RAGWORKS_ENGINE_URL": engine.url,
            "RAGWORKS_ENGINE_KEY": engine.key,
            "RAGWORKS_ENGINE_MANAGED": "false",
        }
    return env


def _named_platform(url: str) -> Platform:
    home = Path(os.environ.get("RAGWORKS_TEST_PLATFORM_HOME", REPOSITORY / "var"))
    key = os.environ.get("RAGWORKS_TEST_PLATFORM_KEY") or (home / "secrets" / "api.key").read_text().strip()
    addresses: dict[str, str] = json.loads((home / "run" / "platform.json").read_text())
    env = {f"RAGWORKS_{name.upper()}": address for name, address in addresses.items()}
    env |= {"RAGWORKS_HOME": str(home), "RAGWORKS_GATEWAY_URL": url, "RAGWORKS_API_KEY": key}
    return Platform(url, key, home, env)
