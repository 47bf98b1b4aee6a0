"""Where the ledger, the files and the job queue live: settings that the corpus service and its worker share."""

from pathlib import Path

from pydantic import Field

from services.shared.components.connectors.settings import DeclaredConnectorsSettings
from services.shared.contracts.chunking import SMALLEST_CHUNK_TOKENS, ChunkerName, Chunking
from services.shared.kit.database import sqlite_url


class CatalogueSettings(DeclaredConnectorsSettings):
    """Settings of every process that reads or writes the ledger."""

    catalogue_url: str | None = Field(
        default=None,
        description="Database of collections, documents and jobs; default: the SQLite file db/corpus.sqlite.",
    )
    jobs_url: str | None = Field(
        default=None, description="Database of the job queue; default: the SQLite file db/jobs.sqlite."
    )
    files_dir: Path | None = Field(
        default=None, description="Folder of uploaded files; default: files/ under the home folder."
    )

    ingest_chunk_tokens: int = Field(
        default=256, ge=SMALLEST_CHUNK_TOKENS, description="Largest chunk, in tokens of the embedding model."
    )
    ingest_chunk_overlap_tokens: int = Field(
        default=32, ge=0, description="Tokens that neighbouring chunks of prose may share."
    )
    embedding_window_tokens: int = Field(
        default=256,
        ge=SMALLEST_CHUNK_TOKENS,
        description="Tokens of a text that the embedding model reads: no collection may have larger chunks.",
    )

    sources_folders: str = Field(
        default="~",
        description="Folders of this machine below which folder and Git sources may read, separated by ':'; "
        "empty: none.",
    )
    sources_private_addresses: bool = Field(
        default=False, description="Let sources ask addresses of inner networks and of this machine."
    )
    sources_timeout_s: float = Field(default=60, gt=0, description="Longest silence of an outside system, in seconds.")
    sources_fetch_concurrency: int = Field(default=4, ge=1, le=64, description="Items of a source fetched at once.")
    sync_delete_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="A sync that would delete a larger share of more than 20 items stops and asks.",
    )

    receipts_cover_answers: bool = Field(
        default=True,
        description="Deletions have the orchestrator forget the answers that stand on what is deleted, and their "
        "receipts wait for that; off where no orchestrator runs.",
    )

    @property
    def readable_folders(self) -> tuple[Path, ...]:
        """Where folder and Git sources may read."""
        return tuple(Path(each).expanduser() for each in self.sources_folders.split(":") if each)

    @property
    def default_chunking(self) -> Chunking:
        """How documents are cut in collections that chose nothing else."""
        return Chunking(
            chunker=ChunkerName.STRUCTURE,
            max_tokens=self.ingest_chunk_tokens,
            overlap_tokens=self.ingest_chunk_overlap_tokens,
        )

    @property
    def catalogue_database(self) -> str:
        return self.catalogue_url or sqlite_url(self.home / "db" / "corpus.sqlite")

    @property
    def jobs_database(self) -> str:
        return self.jobs_url or sqlite_url(self.home / "db" / "jobs.sqlite")

    @property
    def receipt_key_file(self) -> Path:
        """The key of the signature under receipts: where all who finish deletions reach it."""
        return self.files_folder / "receipts.key"

    @property
    def files_folder(self) -> Path:
        return self.files_dir or self.home / "files"
