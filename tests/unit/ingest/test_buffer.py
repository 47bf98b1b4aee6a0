"""Batches across documents, with bounded memory."""

import asyncio
from typing import cast

from pipelines.ingest.buffer import ChunkBuffer
from pipelines.ingest.draft import Draft
from services.shared.components.catalogue.work import PendingDocument, RunningJob
from services.shared.components.chunkers.chunk import Chunk


def _draft(chunks: int) -> Draft:
    text = [Chunk("t", 0, 1, None, (), index, 1) for index in range(chunks)]
    job, pending = cast("RunningJob", None), cast("PendingDocument", None)
    return Draft(job, pending, "v", None, "title", "text/plain", 1, text, len(text))


async def test_batches_are_cut_across_documents_in_order() -> None:
    buffer = ChunkBuffer()
    drafts = [_draft(3), _draft(4)]
    for draft in drafts:
        await buffer.put(draft)
    await buffer.close()

    batches = [await buffer.take(5), await buffer.take(5), await buffer.take(5)]

    assert [len(batch) for batch in batches] == [5, 2, 0]
    taken = [(piece.draft, piece.chunk.index) for batch in batches for piece in batch]
    assert taken == [(draft, index) for draft in drafts for index in range(len(draft.chunks))]


async def test_a_batch_does_not_wait_to_be_full() -> None:
    buffer = ChunkBuffer()
    await buffer.put(_draft(1))

    assert len(await asyncio.wait_for(buffer.take(64), timeout=5)) == 1


async def test_parsing_ahead_stops_until_chunks_are_taken() -> None:
    buffer = ChunkBuffer()
    await buffer.put(_draft(2_000))
    second = asyncio.create_task(buffer.put(_draft(1)))
    await buffer.take(1_000)
    assert not second.done()

    await buffer.take(600)
    await asyncio.wait_for(second, timeout=5)
