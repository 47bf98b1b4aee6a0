"""A client that goes away in the middle of a stream stops the engine."""

import httpx
import pytest

from tests.e2e.clients import eventually, http_client, openai_client, upload
from tests.e2e.documents import LIGHTHOUSE
from tests.platforms import Platform


def running_requests(platform: Platform) -> float:
    """Requests the engine is working on, by its own count."""
    text = httpx.get(f"{platform.env['RAGWORKS_ENGINE_URL']}/metrics", timeout=30).text
    lines = [line for line in text.splitlines() if line.startswith("vllm:num_requests_running{")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


@pytest.mark.parametrize("kind", ["plain", "rag"])
def test_the_engine_stops_when_the_client_disconnects(platform: Platform, kind: str) -> None:
    client = openai_client(platform)
    model = next(each.id for each in client.models.list() if "SmolLM2" in each.id)
    store = upload(client, f"leaving-{kind}", {"lighthouse.md": LIGHTHOUSE}) if kind == "rag" else None
    body: dict[str, object] = {
        "model": f"rag/{store.name}" if store else model,
        "messages": [{"role": "user", "content": "Tell all about the lamp of the lighthouse, at great length."}],
        "stream": True,
        "max_tokens": 2000,
        "presence_penalty": 1.0,
        "temperature": 1.0,
        "logit_bias": {"2": -100},
    }
    with http_client(platform) as http, http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        received: list[str] = []
        for line in answer.iter_lines():
            received.append(line)
            if '"content":"' in line and '"content":""' not in line:
                break
        else:
            pytest.fail(f"the stream ended before its first word: {received}")
        eventually(lambda: running_requests(platform) >= 1, within_s=10, what="the engine works on the request")
    eventually(lambda: running_requests(platform) == 0, within_s=10, what="the engine is idle again")
    if store:
        client.vector_stores.delete(store.id)
