"""A client that goes away in the middle of a stream stops the engine."""

import time
from itertools import islice

import httpx
import pytest

from tests.e2e.clients import eventually, http_client, openai_client, upload
from tests.e2e.documents import LIGHTHOUSE
from tests.platforms import Platform

TOKENS_ASKED_FOR = 2000


def generated_tokens(platform: Platform) -> float:
    """Tokens the engine has generated since it started, by its own count."""
    answer = httpx.get(f"{platform.env['RAGWORKS_ENGINE_URL']}/metrics", timeout=30).raise_for_status()
    lines = [line for line in answer.text.splitlines() if line.startswith("vllm:generation_tokens_total{")]
    assert lines, answer.text
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def generates_nothing(platform: Platform) -> bool:
    """Whether no token is generated for as long as even a busy machine needs for some."""
    before = generated_tokens(platform)
    time.sleep(3)
    return generated_tokens(platform) == before


@pytest.mark.parametrize("kind", ["plain", "rag"])
def test_the_engine_stops_when_the_client_disconnects(platform: Platform, kind: str) -> None:
    client = openai_client(platform)
    model = next(each.id for each in client.models.list() if "SmolLM2" in each.id)
    store = upload(client, f"leaving-{kind}", {"lighthouse.md": LIGHTHOUSE}) if kind == "rag" else None
    body: dict[str, object] = {
        "model": f"rag/{store.name}" if store else model,
        "messages": [{"role": "user", "content": "Tell all about the lamp of the lighthouse, at great length."}],
        "stream": True,
        "max_tokens": TOKENS_ASKED_FOR,
        "presence_penalty": 1.0,
        "temperature": 1.0,
        "logit_bias": {"2": -100},
    }
    before = generated_tokens(platform)
    with http_client(platform) as http, http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        words = (line for line in answer.iter_lines() if '"content":"' in line and '"content":""' not in line)
        assert len(list(islice(words, 5))) == 5, "the stream ended before its fifth word"
    eventually(lambda: generates_nothing(platform), within_s=30, what="the engine stops generating")
    assert 0 < generated_tokens(platform) - before < TOKENS_ASKED_FOR
    if store:
        client.vector_stores.delete(store.id)
