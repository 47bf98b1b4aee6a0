"""Processes are killed at random moments while documents are added, changed and deleted.

Whatever died when, the index ends as the truth: no document lost, doubled, stuck or orphaned. `make chaos` runs the
same with hundreds of kills; RAGWORKS_CHAOS_SEED repeats a run's choices.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx2
import pytest

from services.shared.contracts.corpus import Job, JobStatus
from services.shared.contracts.reconciliation import Reconciliation
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack

T = TypeVar("T")

_KILLS = int(os.environ.get("RAGWORKS_CHAOS_KILLS", "5"))
_SEED = int(os.environ.get("RAGWORKS_CHAOS_SEED", "20261122"))
_KILLS_A_ROUND = 5
_CHANGED_A_ROUND, _DELETED_A_ROUND, _SOURCES = 40, 5, 120
_EQUAL_A_ROUND = 15
_VICTIMS = ("ingest", "vectordb", "inference", "corpus")
_PATIENCE_S = 120


@dataclass
class Killer:
    """Kills one process after the other, each at a random moment, and starts it again."""

    stack: Stack
    chance: random.Random
    killed: list[str] = field(default_factory=list[str])
    broken: list[BaseException] = field(default_factory=list[BaseException])

    @contextmanager
    def at_work(self, kills: int) -> Generator[None]:
        """Kill so many times while the block runs, and beyond it if the block is quicker."""
        thread = threading.Thread(target=self._kill, args=(kills,))
        thread.start()
        try:
            yield
        finally:
            thread.join()
        if self.broken:
            raise self.broken[0]

    def _kill(self, kills: int) -> None:
        try:
            for _ in range(kills):
                time.sleep(self.chance.uniform(0.05, 1.5))
                victim = self.chance.choice(_VICTIMS)
                self.stack.kill(victim)
                self.killed.append(victim)
                self.stack.start(victim)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            self.broken.append(error)


def _insist(request: Callable[[httpx2.Client], httpx2.Response], stack: Stack) -> httpx2.Response:
    """The answer, as a patient client gets it from services that are being killed."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with stack.corpus() as http:
                answer = request(http)
            if answer.status_code < 500:
                return answer
            trouble = answer.text
        except httpx2.TransportError as error:
            trouble = repr(error)
        assert time.monotonic() < deadline, trouble
        time.sleep(0.1)


def _upload(stack: Stack, source: str, content: bytes) -> dict[str, str]:
    files, form = {"file": (source, content)}, {"purpose": "assistants"}
    answer = _insist(lambda http: http.post("/v1/files", files=files, data=form), stack)
    return {"file_id": str(answer.json()["id"]), "source": source}


def _ingest(stack: Stack, collection: str, contents: dict[str, bytes]) -> None:
    documents = [_upload(stack, source, content) for source, content in contents.items()]
    body = {"collection": collection, "documents": documents}
    answer = _insist(lambda http: http.post("/api/jobs", json=body), stack)
    assert answer.status_code == 201, answer.text


def _delete(stack: Stack, collection: str, source: str) -> None:
    listed = _insist(lambda http: http.get("/api/documents", params={"collection": collection, "limit": 1000}), stack)
    (found,) = [document["id"] for document in listed.json()["data"] if document["source"] == source]
    answer = _insist(lambda http: http.delete(f"/api/documents/{found}"), stack)
    assert answer.status_code in {200, 404}, answer.text  # 404: done, and the answer was lost


def _jobs(stack: Stack, collection: str) -> list[Job]:
    """All of them: an answer that was lost and asked for again may have made one more."""
    answer = _insist(lambda http: http.get("/api/jobs", params={"collection": collection, "limit": 1000}), stack)
    return [Job.model_validate(job) for job in answer.json()["data"]]


def _settled(stack: Stack, collection: str) -> list[Job]:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        jobs = _jobs(stack, collection)
        if all(job.finished_at is not None for job in jobs):
            return jobs
        assert time.monotonic() < deadline, f"stuck: {[job for job in jobs if job.finished_at is None]}"
        time.sleep(0.2)


def _round(stack: Stack, collection: str, truth: dict[str, bytes], chance: random.Random) -> None:
    """Add, change and delete documents, and note what must be there in the end."""
    sources = chance.sample([f"book-{number}.md" for number in range(_SOURCES)], _CHANGED_A_ROUND)
    changes = {source: chapters(f"{source} {chance.random()}", sections=chance.randint(1, 5)) for source in sources}
    for source in chance.sample(sources, _EQUAL_A_ROUND):
        changes[source] = chance.choice([*changes.values(), *truth.values()])
    doomed = chance.sample(sorted(truth.keys() - changes.keys()), min(_DELETED_A_ROUND, len(truth.keys() - changes)))
    _ingest(stack, collection, changes)
    for source in doomed:
        _delete(stack, collection, source)
        del truth[source]
    truth.update(changes)


def _whole(stack: Stack, collection: str, truth: dict[str, bytes]) -> bool:
    """Each document has its chunks, or an equal one has them for it; nothing else is in the index."""
    points = stack.points(collection)
    hidden = any(point["hidden"] for point in points.values())
    listed = _insist(lambda http: http.get("/api/documents", params={"collection": collection, "limit": 1000}), stack)
    documents = {document["id"]: document for document in listed.json()["data"]}
    owners = {document["source"] for document in documents.values() if document["copy_of"] is None}
    shared = [(document, documents.get(document["copy_of"])) for document in documents.values() if document["copy_of"]]
    equal = all(
        other and not other["copy_of"] and truth[one["source"]] == truth[other["source"]] for one, other in shared
    )
    owned = {source: content for source, content in truth.items() if source in owners}
    complete = {document["source"] for document in documents.values()} == set(truth)
    return complete and equal and set(points) == expected_points(stack, collection, owned) and not hidden


@pytest.mark.timeout(120 + 30 * _KILLS)
def test_random_kills_lose_double_hide_and_orphan_nothing(stack: Stack) -> None:
    chance = random.Random(_SEED)  # noqa: S311 - a test that can be repeated
    killer = Killer(stack, random.Random(_SEED + 1))  # noqa: S311
    truth: dict[str, bytes] = {}
    stack.create("chaos")
    while len(killer.killed) < _KILLS:
        with killer.at_work(_KILLS_A_ROUND):
            _round(stack, "chaos", truth, chance)
        jobs = _settled(stack, "chaos")
        context = f"seed {_SEED}, after {len(killer.killed)} kills, the last of {killer.killed[-_KILLS_A_ROUND:]}"
        assert {job.status for job in jobs} == {JobStatus.COMPLETED}, context
        assert not sum(job.failed for job in jobs), context
        deadline = time.monotonic() + _PATIENCE_S  # interrupted deletions and replaced versions go within seconds
        while not _whole(stack, "chaos", truth):
            assert time.monotonic() < deadline, context
            time.sleep(0.5)
        outcome = _insist(lambda http: http.post("/api/collections/chaos/reconcile"), stack)
        assert Reconciliation.model_validate(outcome.json()).discrepancies == [], context
    listed = _insist(lambda http: http.get("/api/collections/chaos"), stack).json()
    assert listed["documents"] == len(truth)
