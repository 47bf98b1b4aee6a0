"""The types of the web pages hold, and their logic does what it should: TypeScript's compiler and Vitest say so."""

import os
import subprocess

import pytest

from infra.prepare.node import find_node
from tests.processes import REPOSITORY

WEB = REPOSITORY / "services" / "frontend" / "web"


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_pages_pass_their_own_checks(script: str) -> None:
    node = find_node(REPOSITORY)
    if node is None or not (WEB / "node_modules").is_dir():
        pytest.skip("The packages of the web pages are not there: 'make prepare' fetches them.")
    done = subprocess.run(
        [*node.npm, "--prefix", str(WEB), "run", script],
        env={**os.environ, **node.environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
