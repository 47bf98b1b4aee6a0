"""Chunks of parsed documents waiting to be embedded: batches are cut across documents, memory is bounded."""

import asyncio
from collections import deque

from pipelines.ingest.draft import Draft, Piece

_MOST_CHUNKS = 512
"""No further document is parsed ahead while so many chunks wait; eight batches keep the embedder busy."""


class ChunkBuffer:
    """Drafts go in whole, pieces come out in batches, in order."""

    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self._closed = False
        self._changed = asyncio.Condition()

    async def put(self, draft: Draft) -> None:
        """Add a document's chunks, once there is room; a larger document than there is room for goes in alone."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._pieces) < _MOST_CHUNKS)
            self._pieces.extend(Piece(draft, chunk) for chunk in draft.chunks)
            self._changed.notify_all()

    async def take(self, most: int) -> list[Piece]:
        """The next pieces, at least one and at most `most`; none when all have been taken and no more come."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._pieces) or self._closed)
            taken = [self._pieces.popleft() for _ in range(min(most, len(self._pieces)))]
            self._changed.notify_all()
            return taken

    async def close(self) -> None:
        """Say that no more drafts come."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()
