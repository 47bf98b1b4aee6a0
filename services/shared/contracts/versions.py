"""Versions of a collection: the same documents under another embedding model, chunking or parser."""

from datetime import datetime

from pydantic import Field

from services.shared.contracts.chunking import Chunking, ChunkingChoice
from services.shared.contracts.frozen import Frozen


class CreateVersion(Frozen):
    """Build another version beside the active one, from the stored originals; what is left out stays as it is."""

    embedding_model: str | None = Field(default=None, min_length=1, max_length=512)
    chunking: ChunkingChoice | None = None
    parsers: dict[str, str] | None = Field(
        default=None, max_length=64, description="Names of parsers by media type; `{}`: the platform's own."
    )
    switch: bool = Field(default=True, description="Make it the active one as soon as it is complete.")


class SwitchVersion(Frozen):
    """Make a version the active one."""

    force: bool = Field(default=False, description="Even though it lacks documents that could not be ingested into it.")


class CollectionVersion(Frozen):
    """One version of a collection, and how complete it is."""

    number: int
    collection: str = Field(description="The name under which exactly this version can be searched.")
    active: bool = Field(description="Whether searches in the collection find this one.")
    created_at: datetime
    embedding_model: str
    dimensions: int
    chunking: Chunking | None
    parsers: dict[str, str] = Field(default_factory=dict)
    documents: int
    chunks: int
    missing: int = Field(description="Documents of the active version that this one does not have yet.")
    failed: int = Field(description="Those of them that could not be ingested into it; `retry` tries again.")
    job_id: str | None = Field(default=None, description="The job that is at work on it.")
    switching: bool = Field(default=False, description="Whether it is to become the active one when it is complete.")
    waits_for: str | None = Field(default=None, description="What keeps the switch back, in words.")
