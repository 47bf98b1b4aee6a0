"""What an engine's error answers mean."""

import pytest

from services.inference.domain.engine_errors import engine_error


def _answer(message: str, *, param: str | None = None, code: int = 400) -> dict[str, object]:
    return {"error": {"message": message, "type": "BadRequestError", "param": param, "code": code}}


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens.",
        "max_tokens=100000 cannot be greater than max_model_len=4096. Please request fewer output tokens.",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    ],
)
def test_an_overlong_request_keeps_the_engines_words_and_gets_openais_code(message: str) -> None:
    error = engine_error(400, _answer(f"{message} (parameter=input_tokens, value=4097)", param="input_tokens"))
    assert (error.status, error.code, error.param) == (400, "context_length_exceeded", "messages")
    assert error.message == message


def test_a_refused_parameter_is_named() -> None:
    error = engine_error(400, _answer("temperature must be non-negative, got -3.0.", param="temperature"))
    assert (error.status, error.code, error.param) == (400, "invalid_request", "temperature")


def test_a_model_the_engine_lost_meanwhile_is_not_found() -> None:
    error = engine_error(404, _answer("The model `x` does not exist.", code=404))
    assert (error.status, error.code) == (404, "model_not_found")


@pytest.mark.parametrize(("status", "body"), [(401, {"error": "Unauthorized"}), (403, None)])
def test_a_wrong_engine_key_is_not_blamed_on_the_caller(status: int, body: object) -> None:
    error = engine_error(status, body)
    assert (error.status, error.code) == (502, "engine_error")


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, _answer("EngineCore encountered an issue.", code=500)), (503, None), (503, {"error": "busy"})],
)
def test_a_dying_engine_can_be_asked_again(status: int, body: object) -> None:
    error = engine_error(status, body)
    assert (error.status, error.code) == (503, "engine_unavailable")
    assert error.headers()["retry-after"].isdigit()


@pytest.mark.parametrize("body", [None, [], "text", {"error": 7}, {"error": {"message": None}}])
def test_an_answer_in_no_known_shape_is_still_an_error_with_a_message(body: object) -> None:
    error = engine_error(500, body)
    assert (error.status, error.code) == (502, "engine_error")
    assert error.message
