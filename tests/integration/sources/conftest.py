"""One stack for all tests of the folder; each test finds every process running."""

from collections.abc import Generator

import pytest

from tests.integration.ingest.stack import Stack, new_stack

S3_KEY, S3_SECRET = "a test's key", "a test's secret"


@pytest.fixture(scope="package")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The processes, started when a test first needs them."""
    stack = new_stack(tmp_path_factory.mktemp("sources") / "home")
    stack.env["RAGWORKS_SOURCES_FOLDERS"] = str(tmp_path_factory.getbasetemp())
    stack.env["RAGWORKS_HASHING_SECONDS_PER_TEXT"] = "0.001"
    stack.env["RAGWORKS_SOURCES_PRIVATE_ADDRESSES"] = "true"
    stack.env |= {"AWS_ACCESS_KEY_ID": S3_KEY, "AWS_SECRET_ACCESS_KEY": S3_SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    stack.env["RAGWORKS_CONNECTORS_FILE"] = str(stack.home / "connectors.toml")
    stack.env["RAGWORKS_CONNECTORS_PRIVATE_HOSTS"] = '["127.0.0.1:*"]'
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The stack, whatever an earlier test did to it."""
    return running_stack.as_usual()
