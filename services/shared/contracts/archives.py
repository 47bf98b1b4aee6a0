"""What stands in the archive of a collection, and what became of one that was imported."""

from datetime import datetime

from pydantic import Field

from services.shared.contracts.chunking import Chunking
from services.shared.contracts.corpus import COLLECTION_NAME, Collection
from services.shared.contracts.deduplication import Deduplication
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.metadata import MetadataSchema

ARCHIVE_FORMAT = "ragworks-collection"
ARCHIVE_VERSION = 1
"""Raise it when an older release could misread what a newer one writes."""

_SHA256 = r"^[0-9a-f]{64}$"


class ArchivedCollection(Frozen):
    """The collection itself."""

    name: str = Field(pattern=COLLECTION_NAME)
    seed: str = Field(max_length=64, description="What ids of its documents are made from.")
    embedding_model: str
    dimensions: int = Field(ge=1, le=65_536)
    attributes: dict[str, str] = Field(default_factory=dict)
    chunking: Chunking | None = Field(description="None: as the settings of the platform that it is imported into say.")
    deduplication: Deduplication
    parsers: dict[str, str] = Field(default_factory=dict)
    metadata_schema: MetadataSchema | None = None


class ArchiveHeader(Frozen):
    """The first member: what follows. Counts are those at the beginning of the export."""

    format: str
    format_version: int
    created_at: datetime
    collection: ArchivedCollection
    documents: int = Field(ge=0)
    chunks: int = Field(ge=0)


class ArchivedDocument(Frozen):
    """A document as it was searchable; the archive names it by `number`."""

    number: int = Field(ge=1)
    source: str = Field(min_length=1, max_length=4096)
    title: str
    version: str = Field(pattern=_SHA256, description="SHA-256 of its bytes: the name of its original.")
    filename: str = Field(min_length=1, max_length=4096)
    media_type: str
    language: str | None = Field(max_length=8)
    bytes: int = Field(ge=0)
    chunks: int = Field(ge=1)
    access: tuple[str, ...]
    attributes: dict[str, str | float | bool]
    ingested_at: datetime
    copy_of: str | None = Field(description="Source of an earlier document of the same content, which has the chunks.")
    signature: str | None = Field(description="By which almost equal documents are found; base64.")
    warnings: list[str] = Field(default_factory=list[str])


class ArchivedChunk(Frozen):
    """A chunk; its vectors are at the same place in the member with the vectors."""

    document: int = Field(ge=1, description="Number of its document.")
    index: int = Field(ge=0)
    text: str
    headings: tuple[str, ...]
    page: int | None = Field(ge=1)
    char_start: int = Field(ge=0)
    char_end: int = Field(ge=0)
    content_hash: str = Field(pattern=_SHA256)
    parent: tuple[int, int] | None = None


class LeftOut(Frozen):
    """A document that is searchable and not in the archive."""

    source: str
    reason: str


class ArchiveManifest(Frozen):
    """The last member but one: what the archive holds."""

    documents: int
    chunks: int
    originals: int
    original_bytes: int
    left_out_total: int = 0
    left_out: list[LeftOut] = Field(default_factory=list[LeftOut], description="The first thousand.")


class ImportedCollection(Frozen):
    """An import that is complete: the collection can be searched."""

    collection: Collection
    documents: int
    chunks: int = Field(description="Chunks taken over with their vectors; 0 when they are made anew.")
    originals: int
    kept_ids: bool = Field(description="Whether its documents have the ids they had where they were exported.")
    jobs: list[str] = Field(default_factory=list[str], description="Jobs that embed the documents anew, if asked for.")
