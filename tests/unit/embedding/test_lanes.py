"""Waiting, order, limits and leaving, with an embedder that can be held up."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from services.embedding.adapters.lane import BatchEmbedder, Lane
from services.embedding.adapters.model import ServedModel
from services.embedding.domain.requests import EmbeddingCall, read_call
from services.embedding.errors import ModelLoadingError, ModelNotFoundError, QueueFullError
from services.shared.kit.errors import InvalidRequestError
from tests.unit.embedding.length_embedder import LengthEmbedder

FULL = "x" * 9000  # a batch of its own


def call(*texts: str, model: str = "lengths", dimensions: int | None = None) -> EmbeddingCall:
    return read_call({"model": model, "input": list(texts), "dimensions": dimensions}, max_inputs=10_000)


@pytest.fixture
def embedder() -> LengthEmbedder:
    return LengthEmbedder(window_tokens=2048)


@pytest.fixture
async def lane(embedder: LengthEmbedder) -> AsyncGenerator[Lane]:
    lane = Lane("test", load=lambda: embedder, max_waiting_texts=5)
    await lane.open()
    yield lane
    embedder.open_gate.set()
    lane.close()


async def test_vectors_come_in_the_order_of_the_texts(lane: Lane, embedder: LengthEmbedder) -> None:
    embedder.open_gate.set()
    result = await lane.embed(["ccc", "a", FULL, "bb"])
    assert result.vectors[:, 0].tolist() == [3, 1, 9000, 2]
    assert result.tokens == 4


async def test_a_full_queue_refuses_and_says_when_to_come_back(lane: Lane, embedder: LengthEmbedder) -> None:
    first = asyncio.create_task(lane.embed(["a"] * 4))
    await asyncio.to_thread(embedder.began.wait, 20)
    with pytest.raises(QueueFullError) as refused:
        await lane.embed(["b", "c"])
    assert refused.value.retry_after_seconds
    embedder.open_gate.set()
    assert len((await first).vectors) == 4
    assert len((await lane.embed(["b", "c"])).vectors) == 2


async def test_a_request_larger_than_the_queue_is_served_when_nothing_waits(
    lane: Lane, embedder: LengthEmbedder
) -> None:
    embedder.open_gate.set()
    assert len((await lane.embed(["a"] * 50)).vectors) == 50


async def test_what_a_caller_that_left_had_waiting_is_never_embedded(lane: Lane, embedder: LengthEmbedder) -> None:
    leaving = asyncio.create_task(lane.embed([FULL + "1", FULL + "2", FULL + "3"]))
    await asyncio.to_thread(embedder.began.wait, 20)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    embedder.open_gate.set()
    await lane.embed(["after"])
    assert embedder.seen == [FULL + "1", "after"]


async def test_a_query_does_not_wait_behind_bulk_work() -> None:
    slow, quick = LengthEmbedder(), LengthEmbedder()
    quick.open_gate.set()
    models = iter([quick, slow])
    served = ServedModel("lengths", load=lambda: next(models), max_waiting_texts=100)
    await served.open()
    bulk = asyncio.create_task(served.embed(call(*["bulk"] * 50)))
    await asyncio.to_thread(slow.began.wait, 20)
    assert (await served.embed(call("query"))).vectors.tolist() == [[5]]
    assert not bulk.done()
    slow.open_gate.set()
    assert len((await bulk).vectors) == 50
    served.close()


async def test_nothing_is_embedded_before_the_model_is_loaded() -> None:
    served = ServedModel("lengths", load=LengthEmbedder, max_waiting_texts=100)
    with pytest.raises(ModelLoadingError) as refused:
        await served.embed(call("too early"))
    assert (refused.value.status, refused.value.retry_after_seconds) == (503, 5)
    served.close()


async def test_readiness_says_why_the_model_cannot_be_loaded() -> None:
    tried = asyncio.Event()
    loop = asyncio.get_running_loop()

    def load() -> BatchEmbedder:
        loop.call_soon_threadsafe(tried.set)
        raise OSError("no such folder: /models/nowhere")

    served = ServedModel("lengths", load=load, max_waiting_texts=100)
    opening = asyncio.create_task(served.open())
    await tried.wait()
    with pytest.raises(ModelLoadingError, match="no such folder: /models/nowhere"):
        await _until_it_says_why(served)
    opening.cancel()
    served.close()


async def test_another_model_or_another_length_is_refused() -> None:
    served = ServedModel("lengths", load=LengthEmbedder, max_waiting_texts=100)
    await served.open()
    with pytest.raises(ModelNotFoundError, match="available: lengths"):
        await served.embed(call("x", model="other"))
    with pytest.raises(InvalidRequestError, match="vectors of 1 numbers, not 7"):
        await served.embed(call("x", dimensions=7))
    served.close()


async def _until_it_says_why(served: ServedModel) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await served.check()
            except ModelLoadingError as error:
                if "cannot be loaded" in error.message:
                    raise
            await asyncio.sleep(0)
