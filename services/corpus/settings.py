"""Settings of the corpus service."""

from typing import ClassVar

from services.shared.components.catalogue.settings import CatalogueSettings


class CorpusSettings(CatalogueSettings):
    """What the corpus service reads from the environment."""

    SERVICE: ClassVar[str] = "corpus"
