"""Uploaded files, named by their ids."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from services.shared.components.sources.protocol import (
    Content,
    Item,
    ItemError,
    KnownState,
    Surroundings,
    Unlisted,
)
from services.shared.components.sources.streams import blocks_of
from services.shared.contracts.sources import FilesSource


class FilesReader:
    """Reads files of the platform; nothing is copied."""

    def __init__(self, config: FilesSource, around: Surroundings, source_id: str) -> None:  # noqa: ARG002 - as all readers
        self._config = config
        self._around = around

    async def list(self, known: KnownState) -> AsyncIterator[Item | Unlisted]:  # noqa: ARG002 - the protocol's
        """Every file that exists; the ids of others are told."""
        found = await self._around.files(self._config.file_ids)
        for file_id in dict.fromkeys(self._config.file_ids):
            file = found.get(file_id)
            if file is None:
                yield Unlisted(file_id, f"file:{file_id}", "file_not_found", "There is no file with this id.")
                continue
            yield Item(
                key=file_id,
                path=file.filename,
                source=f"file:{file_id}",
                filename=file.filename,
                fingerprint=file.sha256,
                bytes=file.bytes,
            )

    @asynccontextmanager
    async def fetch(self, item: Item) -> AsyncGenerator[Content | None]:
        """The file as it lies in the platform."""
        file = (await self._around.files([item.key])).get(item.key)
        if file is None:
            raise ItemError("file_not_found", "The file was deleted.", gone=True)
        with file.path.open("rb", buffering=0) as content:
            yield Content(blocks_of(content, most=self._around.max_bytes), file_id=file.id)

    async def close(self) -> None:
        """Nothing is open."""
