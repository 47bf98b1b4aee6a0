"""The records of an archive, made from what ledger and index have."""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.shared.components.archives import vectors
from services.shared.components.catalogue.exports import Exportable
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.archives import (
    ARCHIVE_FORMAT,
    ARCHIVE_VERSION,
    ArchivedChunk,
    ArchivedCollection,
    ArchivedDocument,
    ArchiveHeader,
)
from services.shared.contracts.chunks import chunk_id
from services.shared.contracts.corpus import CountedCollection

_SAME_MOMENT = timedelta(milliseconds=1)  # the ledger keeps times as floating-point numbers

NumberedChunk = tuple[int, IndexedChunk]
"""A chunk with the number of its document."""


def header_of(collection: CountedCollection, now: datetime) -> bytes:
    """The first member."""
    header = ArchiveHeader(
        format=ARCHIVE_FORMAT,
        format_version=ARCHIVE_VERSION,
        created_at=now,
        collection=ArchivedCollection(
            name=collection.name,
            seed=collection.seed,
            embedding_model=collection.embedding_model,
            dimensions=collection.dimensions,
            attributes=collection.attributes,
            chunking=collection.chunking,
            deduplication=collection.deduplication,
            parsers=collection.parsers,
            metadata_schema=collection.metadata_schema,
        ),
        documents=collection.documents,
        chunks=collection.chunks,
    )
    return header.model_dump_json(indent=1).encode()


def ids_of(document: Exportable) -> list[str]:
    """The ids of its chunks, in order."""
    return [str(chunk_id(document.owner, document.version, index)) for index in range(document.chunks)]


def is_whole(document: Exportable, chunks: Sequence[IndexedChunk], expected: int, *, strictly: bool) -> bool:
    """Whether these are all chunks, and of the attempt that the ledger has.

    Chunks of two attempts have the same ids when the bytes are the same. Not strictly, they may be of both: while no
    job is at the document, that can only be left of one that failed, and the texts are the same.
    """
    if len(chunks) != expected or any(each.payload.hidden for each in chunks):
        return False
    same = all(abs(each.payload.ingested_at - document.ingested_at) < _SAME_MOMENT for each in chunks)
    return same or not strictly


def document_line(document: Exportable, number: int, *, copy_of: str | None) -> bytes:
    """A document as a line of JSON."""
    record = ArchivedDocument(
        number=number,
        source=document.source,
        title=document.title,
        version=document.version,
        filename=document.filename or document.source,
        media_type=document.media_type,
        language=document.language,
        bytes=document.size,
        chunks=document.chunks,
        access=document.access,
        attributes=document.attributes,
        ingested_at=document.ingested_at,
        copy_of=copy_of,
        signature=None if document.signature is None else base64.b64encode(document.signature).decode(),
        warnings=document.warnings,
    )
    return record.model_dump_json().encode() + b"\n"


def encode_chunks(chunks: Iterable[NumberedChunk]) -> tuple[bytes, bytes]:
    """A part of chunks, and its vectors."""
    numbered = list(chunks)
    lines = b"".join([_chunk_line(number, chunk) for number, chunk in numbered])
    return lines, vectors.pack([(chunk.dense, chunk.sparse) for _, chunk in numbered])


def _chunk_line(number: int, chunk: IndexedChunk) -> bytes:
    payload = chunk.payload
    record = ArchivedChunk(
        document=number,
        index=payload.index,
        text=payload.text,
        headings=payload.headings,
        page=payload.page,
        char_start=payload.char_start,
        char_end=payload.char_end,
        content_hash=payload.content_hash,
        parent=payload.parent,
    )
    return record.model_dump_json().encode() + b"\n"
