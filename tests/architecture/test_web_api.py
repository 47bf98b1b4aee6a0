"""What the web pages know of the API is what the contracts say."""

import subprocess
import sys

from tests.architecture.tree import REPOSITORY


def test_the_document_of_the_web_pages_is_up_to_date() -> None:
    check = [sys.executable, "-m", "infra.docs.web_api", "--check"]

    result = subprocess.run(check, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr


def test_lock_files_of_npm_name_no_host() -> None:
    for lock in REPOSITORY.glob("**/package-lock.json"):
        if "node_modules" not in lock.parts:
            assert '"resolved"' not in lock.read_text(encoding="utf-8"), lock
