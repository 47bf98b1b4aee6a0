"""Settings of the vector database; the only place of the service that sees the environment."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class VectorDbSettings(PlatformSettings):
    """Where the data lies, and the limits the service keeps."""

    SERVICE: ClassVar[str] = "vectordb"

    vectordb_max_body_bytes: int = Field(
        default=32 * 1024 * 1024, gt=0, description="Largest request body the vector database accepts."
    )
    vectordb_min_free_bytes: int = Field(
        default=256 * 1024 * 1024, ge=0, description="Free disk space below which the vector database refuses writes."
    )
    vectordb_indexing_threshold: int = Field(
        default=30_000,
        gt=0,
        description="Unindexed points above which an HNSW index is built; below, exact search is faster.",
    )
    vectordb_indexing_threads: int = Field(
        default=1, gt=0, description="Threads of an index build. One builds at a time, in its own process."
    )
    vectordb_index_check: timedelta = Field(
        default=timedelta(seconds=2),
        description="How often the vector database looks for collections that want an index.",
    )
    vectordb_search_threads: int = Field(default=2, gt=0, description="Search threads of each collection.")
    vectordb_wal_segment_bytes: int = Field(
        default=8 * 1024 * 1024,
        gt=0,
        description="Size of a write-ahead log segment; each collection keeps at least two.",
    )

    @property
    def data_dir(self) -> Path:
        return self.home / "vectordb"
