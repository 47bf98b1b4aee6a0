"""`kill -9` of any one process while an ingest and a chat run: the platform heals, no document is lost or doubled."""

import json
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.chaos import (
    chatting,
    engine_processes,
    kill,
    pid_of,
    start_ingest,
    wait_for_running_job,
    wait_until_healed,
    write_documents,
)
from tests.e2e.clients import http_client
from tests.platforms import Platform
from tests.processes import wait_until

pytestmark = pytest.mark.timeout(600)

DOCUMENTS = 6
HEAL_S = {"engine": 300.0, "supervisord": 300.0}


@pytest.mark.parametrize(
    "victim",
    [
        "gateway", "orchestrator", "inference", "retrieval", "corpus", "ingest", "embedding", "vectordb", "engine",
        "supervisord",
    ],
)  # fmt: skip
def test_the_platform_survives_the_death_of(victim: str, platform: Platform, tmp_path: Path) -> None:
    killed = pid_of(platform, victim)
    if killed is None:
        pytest.skip(f"{victim} is not run by this platform")
    collection = f"killed-{victim}"
    sources = write_documents(tmp_path / "papers", count=DOCUMENTS, prefix=victim)
    inner_engine = _below(killed) & engine_processes()
    ingest = start_ingest(platform, tmp_path / "papers", collection)
    wait_for_running_job(platform, collection)
    with chatting(platform, f"rag/{collection}") as chat:
        kill(killed)
        wait_until_healed(platform, victim, killed=killed, deadline_s=HEAL_S.get(victim, 90.0))
        output, errors = ingest.communicate(timeout=300)
        assert ingest.returncode == 0, errors
        before = chat.answered
        wait_until(lambda: chat.answered > before, deadline_s=60, what="an answer after the kill")
    assert chat.surprises == []
    assert not inner_engine & engine_processes()
    assert json.loads(output)["done"] == DOCUMENTS
    _assert_every_document_is_there_once(platform, collection, sources)


def _below(pid: int) -> set[int]:
    return {child.pid for child in psutil.Process(pid).children(recursive=True)}


def _assert_every_document_is_there_once(platform: Platform, collection: str, sources: list[str]) -> None:
    with http_client(platform) as http:
        documents = http.get("/api/documents", params={"collection": collection, "limit": 100}).json()["data"]
        shown = http.get(f"/api/collections/{collection}").json()
        assert sorted(document["source"] for document in documents) == sources
        chunks = sum(document["chunks"] for document in documents)
        assert (shown["documents"], shown["failed_documents"], shown["chunks"]) == (len(sources), 0, chunks)
        assert _points(platform, collection) == chunks
        for document in documents:
            passages = _passages_of(http, collection, document["source"])
            assert len({passage["id"] for passage in passages}) == len(passages) == document["chunks"]


def _passages_of(http: httpx.Client, collection: str, source: str) -> list[dict[str, str]]:
    """What a search that is limited to one document finds."""
    only = {"type": "eq", "key": "source", "value": source}
    query = {"collection": collection, "query": "the record of an instrument", "limit": 50, "filters": only}
    return http.post("/api/search", json=query).raise_for_status().json()["passages"]


def _points(platform: Platform, collection: str) -> int:
    """How many chunks the vector database itself counts."""
    key = (platform.home / "secrets" / "vectordb.key").read_text().strip()
    url = f"{platform.env['RAGWORKS_VECTORDB_URL']}/collections/{collection}/points/count"
    answer = httpx.post(url, json={"exact": True}, headers={"api-key": key}, timeout=30)
    return int(answer.raise_for_status().json()["result"]["count"])
