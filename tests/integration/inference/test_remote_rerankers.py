"""Reranking elsewhere: a server that speaks both shapes and ranks by words in common, with a key, and that can fail."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

import httpx2
import pytest
from aiohttp import web

from tests.processes import free_port, running
from tests.signed import INTERNAL_KEY, Signed

_KEY = "the key of somebody else's reranker"
_TEXTS = ["a pump has lost pressure", "the ferry leaves at noon", "when the ferry leaves the pier"]
_QUESTION = "when does the ferry leave the pier"


@dataclass
class Elsewhere:
    """The server: what it was sent, and what it is to answer instead of scores."""

    port: int
    urls: dict[str, str]
    seen: list[tuple[dict[str, str], dict[str, object]]] = field(default_factory=list)
    instead: tuple[int, object] | None = None

    async def rerank(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.seen.append((dict(request.headers), body))
        if request.headers.get("authorization") != f"Bearer {_KEY}":
            return web.json_response({"error": "no"}, status=401)
        if self.instead is not None:
            return web.json_response(self.instead[1], status=self.instead[0])
        texts = body.get("texts") or body["documents"]
        scores = [len(set(text.split()) & set(body["query"].split())) / 10 for text in texts]
        order = sorted(range(len(texts)), key=lambda index: -scores[index])
        if "texts" in body:
            return web.json_response([{"index": index, "score": scores[index]} for index in order])
        return web.json_response({"results": [{"index": i, "relevance_score": scores[i]} for i in order], "id": "x"})


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[int, dict[str, str]]]:
    """A port for the server, and the inference service before it by the shape that it is told to speak."""
    port = free_port()
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(_inference(tmp_path_factory, port, api, key))
            for name, api, key in (("cohere", "cohere", _KEY), ("tei", "tei", _KEY), ("keyless", "cohere", ""))
        }
        yield port, urls


def _inference(tmp_path_factory: pytest.TempPathFactory, port: int, api: str, key: str) -> AbstractContextManager[str]:
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "RAGWORKS_HOME": str(tmp_path_factory.mktemp(api)),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_ENGINE_KEY": "none",
        "RAGWORKS_INFERENCE_URL": url,
        "RAGWORKS_RERANKER_MODEL": "ours",
        "RAGWORKS_RERANK_ENDPOINT": f"http://127.0.0.1:{port}/v1/",
        "RAGWORKS_RERANK_ENDPOINT_API": api,
        "RAGWORKS_RERANK_ENDPOINT_KEY": key,
        "RAGWORKS_RERANK_ENDPOINT_MODEL": "theirs",
    }
    return running("services.inference", env, ready=f"{url}/healthz")


@pytest.fixture
async def elsewhere(places: tuple[int, dict[str, str]]) -> AsyncGenerator[Elsewhere]:
    """The server, running."""
    port, urls = places
    server = Elsewhere(port, urls)
    app = web.Application()
    app.router.add_post("/v1/rerank", server.rerank)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield server
    await runner.cleanup()


async def _rerank(url: str, **more: object) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=url, auth=Signed("inference"), timeout=30) as http:
        body = {"model": "ours", "query": _QUESTION, "documents": _TEXTS, **more}
        return await http.post("/v1/rerank", json=body)


@pytest.mark.parametrize("api", ["cohere", "tei"])
async def test_texts_are_ranked_there_and_told_in_one_shape(elsewhere: Elsewhere, api: str) -> None:
    answer = (await _rerank(elsewhere.urls[api], top_n=2, return_documents=True)).json()
    assert [each["index"] for each in answer["results"]] == [2, 1]
    assert answer["results"][0]["document"]["text"] == _TEXTS[2]
    assert answer["model"] == "ours"
    headers, body = elsewhere.seen[0]
    assert body.get("model") == ("theirs" if api == "cohere" else None)
    assert not [name for name in headers if name.lower().startswith(("x-ragworks", "x-request-id", "traceparent"))]


@pytest.mark.parametrize("api", ["cohere", "tei"])
@pytest.mark.parametrize(
    ("instead", "status", "code"),
    [
        ((500, {}), 502, "rerank_endpoint_error"),
        ((429, {}), 429, "rate_limited"),
        ((200, "garbage"), 502, "rerank_endpoint_error"),
        ((200, {"results": []}), 502, "rerank_endpoint_error"),
        ((200, []), 502, "rerank_endpoint_error"),
    ],
)
async def test_what_goes_wrong_there_is_told(
    elsewhere: Elsewhere, api: str, instead: tuple[int, object], status: int, code: str
) -> None:
    elsewhere.instead = instead
    answer = await _rerank(elsewhere.urls[api])
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert _KEY not in answer.text


async def test_a_key_that_is_refused_there_is_not_the_callers(elsewhere: Elsewhere) -> None:
    answer = await _rerank(elsewhere.urls["keyless"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "rerank_key_refused")


async def test_a_server_that_is_not_there_and_another_model_are_told(places: tuple[int, dict[str, str]]) -> None:
    url = places[1]["cohere"]
    assert (await _rerank(url)).status_code == 503
    assert (await _rerank(url, model="other")).status_code == 404
    assert (await _rerank(url, documents=[])).status_code == 400
