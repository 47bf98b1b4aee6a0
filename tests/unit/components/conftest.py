"""Fixtures for the components' tests."""

from pathlib import Path

import pytest

_TOKENIZER = Path(__file__).parents[3] / "var/models/all-MiniLM-L6-v2/tokenizer.json"


@pytest.fixture(scope="session")
def tokenizer_path() -> Path:
    """The packaged embedding model's own tokenizer."""
    if not _TOKENIZER.is_file():
        pytest.fail(f"{_TOKENIZER} is missing: run `make prepare` first")
    return _TOKENIZER
