"""What a user does wrong, and what the platform says about it."""

import pytest

from tests.e2e.clients import http_client, openai_client, upload
from tests.e2e.documents import LIGHTHOUSE
from tests.platforms import Platform

CHAT = "/v1/chat/completions"


def ask(model: str, text: str) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def error_of(
    platform: Platform, body: object, *, path: str = CHAT, key: str | None = None
) -> tuple[int, dict[str, str]]:
    with http_client(platform, key=key) as http:
        content = body if isinstance(body, bytes) else None
        answer = http.post(path, content=content, json=None if content is not None else body)
    return answer.status_code, answer.json()["error"]


def test_an_unknown_collection_is_named(platform: Platform) -> None:
    status, error = error_of(platform, ask("rag/no-such-collection", "hello?"))
    assert status == 404
    assert "no-such-collection" in error["message"]


def test_an_unknown_model_is_answered_with_the_models_there_are(platform: Platform) -> None:
    status, error = error_of(platform, ask("gpt-9", "hello?"))
    assert (status, error["code"]) == (404, "model_not_found")
    assert "SmolLM2" in error["message"]


@pytest.mark.parametrize("key", ["x", "rw-wrong", "x" * 5000])
def test_a_wrong_key_is_refused_and_told_where_the_key_lies(platform: Platform, key: str) -> None:
    status, error = error_of(platform, ask("rag/docs", "hello?"), key=key)
    assert (status, error["code"]) == (401, "invalid_api_key")
    assert "secrets/api.key" in error["message"]


def test_malformed_json_is_refused_with_its_place(platform: Platform) -> None:
    status, error = error_of(platform, b'{"model": "rag/docs", ')
    assert (status, error["code"]) == (400, "invalid_json")


def test_a_body_over_the_limit_is_refused_with_the_limit(platform: Platform) -> None:
    status, error = error_of(platform, ask("rag/docs", "x" * 5_000_000))
    assert (status, error["code"]) == (413, "payload_too_large")
    assert "bytes" in error["message"]


def test_an_empty_question_is_refused(platform: Platform) -> None:
    status, error = error_of(platform, ask("rag/docs", "  "))
    assert (status, error["code"]) == (400, "empty_question")


def test_a_question_of_100_000_characters_is_refused_with_the_window(platform: Platform) -> None:
    client = openai_client(platform)
    store = upload(client, "long-question", {"lighthouse.md": LIGHTHOUSE})
    status, error = error_of(platform, ask(f"rag/{store.name}", "lighthouse lamp range " * 4_600))
    client.vector_stores.delete(store.id)
    assert (status, error["code"]) == (400, "context_length_exceeded")
    assert "at most" in error["message"]


def test_an_overlong_plain_prompt_is_refused_with_the_window(platform: Platform) -> None:
    model = next(each.id for each in openai_client(platform).models.list() if "SmolLM2" in each.id)
    status, error = error_of(platform, ask(model, "word " * 20_000))
    assert (status, error["code"]) == (400, "context_length_exceeded")


@pytest.mark.parametrize(
    "path", ["/v1/nonsense", "/internal/search", "/internal/collections", "/v1/files/../../internal"]
)
def test_an_unknown_address_is_not_found_and_inner_ones_cannot_be_reached(platform: Platform, path: str) -> None:
    status, _ = error_of(platform, {}, path=path)
    assert status in {404, 405}


def test_every_answer_carries_the_request_id_it_was_given(platform: Platform) -> None:
    with http_client(platform) as http:
        answer = http.get("/v1/models", headers={"x-request-id": "my-request-7"})
    assert answer.headers["x-request-id"] == "my-request-7"


@pytest.mark.parametrize("service", ["orchestrator", "inference", "retrieval", "corpus", "embedding"])
def test_an_inner_service_refuses_requests_that_are_not_signed(platform: Platform, service: str) -> None:
    import httpx

    url = platform.env[f"RAGWORKS_{service.upper()}_URL"]
    answer = httpx.get(f"{url}/v1/models", headers={"authorization": f"Bearer {platform.key}"})
    assert answer.status_code == 401
