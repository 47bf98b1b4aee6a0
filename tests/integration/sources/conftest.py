"""One stack for all tests of the folder; each test finds every process running."""

from collections.abc import Generator

import pytest

from tests.integration.ingest.stack import Stack, new_stack


@pytest.fixture(scope="module")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The processes, started when a module first needs them."""
    stack = new_stack(tmp_path_factory.mktemp("sources") / "home")
    stack.env["RAGWORKS_SOURCES_FOLDERS"] = str(tmp_path_factory.getbasetemp())
    stack.env["RAGWORKS_HASHING_SECONDS_PER_TEXT"] = "0.001"
    stack.env["RAGWORKS_SOURCES_PRIVATE_ADDRESSES"] = "true"
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The stack, with what an earlier test killed started again."""
    missing = [name for name in running_stack.modules if name not in running_stack.processes]
    running_stack.start(*missing)
    return running_stack
