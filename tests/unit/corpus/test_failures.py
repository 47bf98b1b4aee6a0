"""Failures in the words of OpenAI's API."""

import pytest

from services.corpus.domain.failures import file_error
from services.shared.contracts.corpus import FailureReason


@pytest.mark.parametrize(
    ("stage", "code", "shown"),
    [
        ("parse", "encrypted", "invalid_file"),
        ("parse", "unsupported_media_type", "unsupported_file"),
        ("embed", "unavailable", "server_error"),
        ("fetch", "cancelled", "invalid_file"),
    ],
)
def test_a_failure_is_the_files_or_ours(stage: str, code: str, shown: str) -> None:
    error = file_error(FailureReason(stage=stage, code=code, message="Why."))

    assert (error.code, error.message) == (shown, "Why.")
