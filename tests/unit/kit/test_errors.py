"""The error tree: statuses, codes and the way from one service to the next."""

import pytest

from services.shared.kit.errors import (
    BY_STATUS,
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    MethodNotAllowedError,
    PlatformError,
    UnavailableError,
    UpstreamError,
    error_from_response,
)


@pytest.mark.parametrize("kind", BY_STATUS.values())
def test_an_error_survives_the_way_to_the_next_service(kind: type[PlatformError]) -> None:
    error = kind("What happened.", code="some_code", param="field")
    retry_after = error.headers().get("retry-after")
    received = error_from_response(error.status, error.body(), service="corpus", retry_after=retry_after)
    assert type(received) is kind
    assert received.body() == error.body()
    assert received.headers().get("retry-after") == retry_after


def test_a_body_has_openais_four_fields() -> None:
    assert ContextLengthError("Too long.", param="messages").body() == {
        "error": {
            "message": "Too long.",
            "type": "invalid_request_error",
            "code": "context_length_exceeded",
            "param": "messages",
        }
    }


def test_an_unavailable_part_says_when_to_come_back() -> None:
    assert UnavailableError("Down.").headers() == {"retry-after": "5"}
    assert UnavailableError("Down.", retry_after_seconds=30).headers() == {"retry-after": "30"}


def test_a_refused_key_names_the_scheme() -> None:
    assert AuthenticationError("Who?").headers()["www-authenticate"] == "Bearer"


def test_a_wrong_method_names_the_right_ones() -> None:
    assert MethodNotAllowedError("No.", allowed=["POST", "GET"]).headers()["allow"] == "GET, POST"


def test_a_body_of_another_shape_still_becomes_a_sentence() -> None:
    for body in (None, "text", [], {"error": "text"}, {"error": {"message": 3}}):
        error = error_from_response(502, body, service="corpus")
        assert isinstance(error, UpstreamError)
        assert error.message == "corpus answered with HTTP status 502."


def test_what_qdrant_and_fastapi_say_is_kept() -> None:
    assert error_from_response(404, {"status": {"error": "Not found: x"}}, service="v").message == "Not found: x"
    assert error_from_response(400, {"detail": "bad"}, service="v").message == "bad"


def test_an_unknown_status_becomes_the_nearest_kind() -> None:
    assert isinstance(error_from_response(418, {}, service="v"), InvalidRequestError)
    assert isinstance(error_from_response(599, {}, service="v"), UpstreamError)


def test_every_status_has_one_kind() -> None:
    assert all(kind.status == status for status, kind in BY_STATUS.items())
