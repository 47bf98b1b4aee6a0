"""One stack for all tests of the folder; each test finds every process running."""

from collections.abc import Generator

import pytest

from tests.integration.ingest.stack import Stack, new_stack


@pytest.fixture(scope="package")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The processes, started when a test first needs them."""
    stack = new_stack(tmp_path_factory.mktemp("ingest") / "home")
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The stack, whatever an earlier test did to it."""
    return running_stack.as_usual()
