"""Small archives for tests, written as an export writes them."""

import hashlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from services.shared.components.archives import vectors
from services.shared.components.archives.layout import HEADER, MANIFEST, original_name, part_name
from services.shared.components.archives.writer import ArchiveWriter
from services.shared.components.embedders.sparse import SparseVector
from services.shared.contracts.archives import (
    ARCHIVE_FORMAT,
    ARCHIVE_VERSION,
    ArchivedChunk,
    ArchivedCollection,
    ArchivedDocument,
    ArchiveHeader,
    ArchiveManifest,
)
from services.shared.contracts.deduplication import Deduplication

DIMENSIONS = 4
Members = list[tuple[str, bytes]]


def header(**changes: object) -> bytes:
    """What an archive says of itself."""
    collection = ArchivedCollection(
        name="papers",
        seed="vs_elsewhere",
        embedding_model="all-MiniLM-L6-v2",
        dimensions=DIMENSIONS,
        chunking=None,
        deduplication=Deduplication(),
    ).model_copy(update={key: changes.pop(key) for key in list(changes) if key in ArchivedCollection.model_fields})
    made = ArchiveHeader(
        format=ARCHIVE_FORMAT,
        format_version=ARCHIVE_VERSION,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        collection=collection,
        documents=1,
        chunks=1,
    )
    return made.model_copy(update=changes).model_dump_json().encode()


def document(number: int, content: bytes, **changes: object) -> bytes:
    """A document of one chunk."""
    made = ArchivedDocument(
        number=number,
        source=f"{number}.md",
        title="A title",
        version=hashlib.sha256(content).hexdigest(),
        filename=f"{number}.md",
        media_type="text/markdown",
        language="en",
        bytes=len(content),
        chunks=1,
        access=("everyone",),
        attributes={},
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
        copy_of=None,
        signature=None,
    )
    return made.model_copy(update=changes).model_dump_json().encode() + b"\n"


def chunk(number: int, index: int = 0) -> bytes:
    """A chunk of a document."""
    made = ArchivedChunk(
        document=number,
        index=index,
        text="A text.",
        headings=("A heading",),
        page=None,
        char_start=0,
        char_end=7,
        content_hash=hashlib.sha256(b"A text.").hexdigest(),
    )
    return made.model_dump_json().encode() + b"\n"


def vector(dimensions: int = DIMENSIONS) -> bytes:
    """The vectors of one chunk."""
    return vectors.pack([([1.0] + [0.0] * (dimensions - 1), SparseVector([3, 7], [0.5, 1.5]))])


def manifest(documents: int = 1) -> bytes:
    """How much it is."""
    made = ArchiveManifest(documents=documents, chunks=documents, originals=documents, original_bytes=7 * documents)
    return made.model_dump_json().encode()


def members(content: bytes = b"A text.", **of_header: object) -> Members:
    """The members of an archive with one document."""
    sha256 = hashlib.sha256(content).hexdigest()
    return [
        (HEADER, header(**of_header)),
        (original_name(sha256), content),
        (part_name("documents", 1), document(1, content)),
        (part_name("chunks", 1), chunk(1)),
        (part_name("vectors", 1), vector()),
        (MANIFEST, manifest()),
    ]


def pack(contents: Members) -> bytes:
    """The archive with these members, its checksums right."""
    with tempfile.TemporaryDirectory() as folder, ArchiveWriter(Path(folder)) as writer:
        return b"".join([*(writer.member(*each) for each in contents), *writer.ending()])
