"""`/api/collections/{name}/export` and `/api/imports`: a whole collection as one file."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from services.corpus.dependencies import Corpus, CorpusParts
from services.shared.components.catalogue import collections
from services.shared.contracts.archives import ImportedCollection
from services.shared.contracts.corpus import COLLECTION_NAME, CountedCollection

router = APIRouter()


@router.get("/api/collections/{id_or_name}/export")
async def export_collection(id_or_name: str, corpus: CorpusParts) -> StreamingResponse:
    """The collection's archive; one that breaks off is refused by an import."""
    collection = await asyncio.to_thread(_counted, corpus, id_or_name)
    pieces = corpus.exporter.export(collection)
    first = await anext(pieces)
    return StreamingResponse(
        _with_first(first, pieces),
        media_type="application/x-tar",
        headers={"content-disposition": f'attachment; filename="{collection.name}.tar"'},
    )


def _counted(corpus: Corpus, id_or_name: str) -> CountedCollection:
    with corpus.catalogue.read() as connection:
        return collections.get_counted(connection, id_or_name)


async def _with_first(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece


@router.post("/api/imports", status_code=201)
async def import_collection(
    request: Request,
    corpus: CorpusParts,
    name: Annotated[str | None, Query(pattern=COLLECTION_NAME)] = None,
    re_embed: bool = False,  # noqa: FBT001 - a query parameter
) -> ImportedCollection:
    """Make a collection of an archive, which is the body; it is there when this answers, or nothing is."""
    declared = request.headers.get("content-length", "")
    return await corpus.importer.receive(
        request.stream(),
        declared_bytes=int(declared) if declared.isdigit() else None,
        name=name,
        embed_anew=re_embed,
    )
