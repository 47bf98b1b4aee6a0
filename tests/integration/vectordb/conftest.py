"""A vector database of the test's own."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.contract.vectordb.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    """Not started yet; stopped at the end, whatever happened."""
    server = Server(tmp_path / "home")
    yield server
    server.stop()
