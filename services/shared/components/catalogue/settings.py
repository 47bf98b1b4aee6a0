"""Where the ledger, the files and the job queue live: settings that the corpus service and its worker share."""

from pathlib import Path

from pydantic import Field

from services.shared.kit.database import sqlite_url
from services.shared.kit.settings import PlatformSettings


class CatalogueSettings(PlatformSettings):
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

    @property
    def catalogue_database(self) -> str:
        return self.catalogue_url or sqlite_url(self.home / "db" / "corpus.sqlite")

    @property
    def jobs_database(self) -> str:
        return self.jobs_url or sqlite_url(self.home / "db" / "jobs.sqlite")

    @property
    def files_folder(self) -> Path:
        return self.files_dir or self.home / "files"
