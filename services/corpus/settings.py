"""Settings of the corpus service."""

from typing import ClassVar

from pydantic import Field

from services.shared.components.catalogue.settings import CatalogueSettings


class CorpusSettings(CatalogueSettings):
    """What the corpus service reads from the environment."""

    SERVICE: ClassVar[str] = "corpus"

    corpus_max_file_bytes: int = Field(default=100_000_000, gt=0, description="Largest file accepted, in bytes.")
