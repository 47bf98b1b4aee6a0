"""Streams of bytes within limits."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import BinaryIO, TypeVar

from services.shared.components.sources.protocol import ItemError

T = TypeVar("T")
BLOCK_BYTES = 1024 * 1024
_AT_ONCE = 500


async def off_loop(items: Iterator[T]) -> AsyncIterator[T]:
    """The items of an iterator that waits for the disk or the network, drawn in a thread."""
    while some := await asyncio.to_thread(lambda: list(islice(items, _AT_ONCE))):
        for item in some:
            yield item


async def blocks_of(file: BinaryIO, *, most: int) -> AsyncIterator[bytes]:
    """The bytes of an open file, read in a thread.

    Raises:
        ItemError: there are more than `most`.
    """
    size = 0
    while block := await asyncio.to_thread(file.read, BLOCK_BYTES):
        size += len(block)
        if size > most:
            raise too_large(most)
        yield block


def too_large(limit_bytes: int) -> ItemError:
    """The refusal of an item over the limit."""
    return ItemError(
        "too_large",
        f"It is larger than the limit of {limit_bytes:,} bytes; leave it out or raise RAGWORKS_MAX_FILE_BYTES.",
    )
