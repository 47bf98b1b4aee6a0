"""A remote embedding endpoint: how its settings, waits and vectors are read."""

import base64
from array import array
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.inference.domain.endpoint_errors import endpoint_error, is_worth_repeating, seconds_of
from services.inference.domain.vectors import VectorCheck, as_base64
from services.inference.errors import EmbeddingEndpointError
from services.inference.settings import InferenceSettings


def test_a_wait_is_asked_for_in_seconds_or_until_a_moment() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=40))

    assert seconds_of("7") == 7
    assert 38 <= (seconds_of(moment) or 0) <= 40
    assert seconds_of("Mon, 01 Jan 2001 00:00:00 -0000") == 0
    assert seconds_of("soon") is None
    assert seconds_of(None) is None


def test_what_a_server_says_is_passed_on_without_the_key() -> None:
    error = endpoint_error(500, {"error": "key k-1 broke"}, endpoint="It", retry_after=None, secret="k-1")

    assert error.message == "It failed: key *** broke"
    assert is_worth_repeating(error)


def test_a_unit_vector_stays_as_it_is_and_another_is_brought_to_length() -> None:
    check = VectorCheck("It", 0)

    assert check.unit([0.6, 0.8]).tolist() == array("f", [0.6, 0.8]).tolist()
    assert check.unit([30.0, 40.0]).tolist() == pytest.approx([0.6, 0.8])
    assert base64.b64decode(as_base64(array("f", [1.0]))) == b"\x00\x00\x80?"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_vector_with_a_number_that_is_none_is_refused(number: float) -> None:
    with pytest.raises(EmbeddingEndpointError, match="without a direction"):
        VectorCheck("It", 0).unit([1.0, number])


@pytest.mark.parametrize("address", ["ftp://host/v1", "host:80", "https://me:hush@host/v1", "https://host/v1?key=hush"])
def test_an_address_that_is_none_or_holds_a_secret_is_refused_without_showing_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGWORKS_EMBEDDING_ENDPOINT", address)

    with pytest.raises(ValidationError) as refused:
        InferenceSettings()

    assert "hush" not in str(refused.value)


def test_the_key_comes_from_the_environment_else_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    assert InferenceSettings(home=tmp_path).endpoint_key is None
    (tmp_path / "secrets" / "embedding-endpoint.key").write_text("of the file\n")
    of_file = InferenceSettings(home=tmp_path).endpoint_key

    assert of_file is not None
    assert of_file.get_secret_value() == "of the file"
    assert InferenceSettings.model_validate({"home": tmp_path, "embedding_endpoint_key": ""}).endpoint_key is None
