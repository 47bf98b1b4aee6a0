"""A platform without an engine for the folder: the way from the gateway to the index and back."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.integration.ingest.stack import Stack, new_stack
from tests.processes import free_port


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The services that an evaluation goes through."""
    services = {"retrieval": "services.retrieval", "gateway": "services.gateway"}
    stack = new_stack(tmp_path_factory.mktemp("evaluate") / "home", **services)
    stack.env["RAGWORKS_RETRIEVAL_URL"] = f"http://127.0.0.1:{free_port()}"
    stack.env["RAGWORKS_HASHING_SECONDS_PER_TEXT"] = "0"
    for name in stack.modules:
        stack.launch(name)
    for name in stack.modules:
        if name != "gateway":  # ready as a whole it is with an engine alone
            stack.await_ready(name)
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="package")
def env(stack: Stack) -> dict[str, str]:
    """Lets `ragworks` speak to the platform."""
    key = Path(stack.home, "secrets", "api.key").read_text(encoding="ascii").strip()
    return {**stack.env, "RAGWORKS_API_KEY": key, "NO_PROXY": "127.0.0.1"}
