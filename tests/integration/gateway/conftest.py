"""The gateway as a real process, in front of a real server that stands in for the inner services."""

import sys
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from services.shared.contracts.corpus import UPLOAD_FORM_BYTES
from tests.processes import free_port, running, start_command, stop_process, wait_ready

INTERNAL_KEY = "5" * 64
MAX_BODY_BYTES = 100_000
MAX_UPLOAD_BYTES = 3_000_000
START_S = 90

_PARTS = ("ORCHESTRATOR", "INFERENCE", "RETRIEVAL", "CORPUS", "CONNECTORS", "INGEST", "EMBEDDING", "VECTORDB", "ENGINE")


@dataclass(frozen=True)
class Platform:
    """Where a gateway and what is behind it can be reached."""

    url: str
    inner_url: str
    home: Path

    @property
    def key(self) -> str:
        """The operator's key."""
        return (self.home / "secrets" / "api.key").read_text().strip()

    @property
    def environment(self) -> dict[str, str]:
        """What starts this gateway."""
        return {
            "RAGWORKS_HOME": str(self.home),
            "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
            "RAGWORKS_GATEWAY_URL": self.url,
            "RAGWORKS_GATEWAY_MAX_BODY_BYTES": str(MAX_BODY_BYTES),
            "RAGWORKS_MAX_FILE_BYTES": str(MAX_UPLOAD_BYTES - UPLOAD_FORM_BYTES),
            "RAGWORKS_GATEWAY_BODY_WAIT_S": "1",
            "RAGWORKS_GATEWAY_KEYS_FRESH_FOR_S": "0.1",
            "RAGWORKS_GATEWAY_ALLOWED_HOSTS": '["rag.example"]',
            "RAGWORKS_GATEWAY_WEB_FOLDER": str(self.home / "web"),
            "RAGWORKS_GATEWAY_ALLOWED_ORIGINS": '["https://app.example"]',
            **{f"RAGWORKS_{part}_URL": self.inner_url for part in _PARTS},
        }


def inner_command(port: int) -> list[str]:
    """Starts the inner services' stand-in."""
    return [sys.executable, "-m", "tests.integration.gateway.inner", str(port), INTERNAL_KEY]


@pytest.fixture(scope="session")
def inner_url() -> Generator[str]:
    port = free_port()
    process = start_command(inner_command(port), {})
    try:
        wait_ready(f"http://127.0.0.1:{port}/readyz", START_S, process=process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(process)


@pytest.fixture(scope="session")
def platform(inner_url: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Platform]:
    home = tmp_path_factory.mktemp("home")
    platform = Platform(url=f"http://127.0.0.1:{free_port()}", inner_url=inner_url, home=home)
    _build_pages(home / "web")
    with running("services.gateway", platform.environment, ready=f"{platform.url}/healthz", deadline_s=START_S):
        yield platform


@pytest.fixture
def own_platform(inner_url: str, tmp_path: Path) -> Platform:
    """A gateway that the test itself starts and stops."""
    return Platform(url=f"http://127.0.0.1:{free_port()}", inner_url=inner_url, home=tmp_path)


@pytest.fixture
async def door(platform: Platform) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client with the operator's key."""
    async with client_of(platform) as client:
        yield client


@pytest.fixture
async def stranger(platform: Platform) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client without a key."""
    async with aiohttp.ClientSession(platform.url) as client:
        yield client


def _build_pages(folder: Path) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Ragworks</title>")
    (folder / "assets" / "index-0123.js").write_text("console.log(1);\n" * 100)


def client_of(platform: Platform, key: str | None = None) -> aiohttp.ClientSession:
    """A client with the operator's key, or another."""
    return aiohttp.ClientSession(platform.url, headers={"authorization": f"Bearer {key or platform.key}"})


async def inner_counts(platform: Platform) -> dict[str, int]:
    """What the stand-in has counted."""
    async with aiohttp.ClientSession() as client, client.get(f"{platform.inner_url}/state") as response:
        return dict(await response.json())
