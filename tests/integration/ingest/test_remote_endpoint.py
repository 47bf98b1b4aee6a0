"""Whole ingests whose vectors come from a remote embedding endpoint, which fails for a while."""

from typing import cast

import pytest

from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import expected_chunks, library
from tests.integration.ingest.failing_endpoint import BREAK, KEY, FailingEndpoint, failing_endpoint, floats
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until

DOCUMENTS = 40
FAULTS = [429, 503, 503, BREAK, BREAK, 429]


def _embed_there(stack: Stack, endpoint: FailingEndpoint, api: str) -> None:
    stack.stop("inference")
    stack.launch(
        "inference",
        module="services.inference",
        RAGWORKS_EMBEDDING_ENDPOINT=f"{endpoint.url}/v1" if api == "openai" else endpoint.url,
        RAGWORKS_EMBEDDING_ENDPOINT_API=api,
        RAGWORKS_EMBEDDING_ENDPOINT_KEY=KEY,
        RAGWORKS_EMBEDDING_ENDPOINT_ATTEMPTS="2",
        RAGWORKS_EMBEDDING_ENDPOINT_BATCH_TEXTS="8",
        RAGWORKS_EMBEDDING_ENDPOINT_CONCURRENCY="1",
    )
    stack.await_ready("inference")


def _vectors(stack: Stack, collection: str) -> dict[str, list[float]]:
    """The dense vector of each point, by its id."""
    points = stack.index().scroll(collection, limit=10_000, with_vectors=["dense"])[0]
    return {str(point.id): cast("dict[str, list[float]]", point.vector)["dense"] for point in points}


@pytest.mark.parametrize("api", ["openai", "tei"])
def test_an_endpoint_that_fails_for_a_while_costs_no_document_and_doubles_none(stack: Stack, api: str) -> None:
    name, contents = f"remote-{api}", library(DOCUMENTS)
    with failing_endpoint() as endpoint:
        _embed_there(stack, endpoint, api)
        stack.create(name)
        endpoint.faults.extend([200, 200, *FAULTS])
        job = stack.start_job(name, contents)
        said = wait_until(lambda: stack.job(job).error or "", deadline_s=60, what="the job to say what it waits for")
        ended = stack.finished(job)

    assert said.startswith("Waiting to embed: ")
    assert KEY not in said
    assert (ended.status, ended.done, ended.failed, ended.error) == (JobStatus.COMPLETED, DOCUMENTS, 0, None)
    expected, stored = expected_chunks(stack, name, contents), _vectors(stack, name)
    assert stored.keys() == expected.keys()
    for point, chunk in expected.items():
        assert stored[point] == pytest.approx(floats(chunk.embedding_text), abs=1e-5)
    assert not endpoint.faults
    assert {status: endpoint.answered[status] for status in (429, 503, BREAK)} == {429: 2, 503: 2, BREAK: 2}
