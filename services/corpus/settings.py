"""Settings of the corpus service."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from services.shared.components.catalogue.settings import CatalogueSettings


class CorpusSettings(CatalogueSettings):
    """What the corpus service reads from the environment."""

    SERVICE: ClassVar[str] = "corpus"

    import_max_bytes: int = Field(
        default=200 * 1024**3, gt=0, description="Largest archive of a collection that is imported, in bytes."
    )
    import_lease_s: float = Field(
        default=60, gt=0, description="Seconds after which what a killed import left is removed."
    )

    @property
    def import_lease(self) -> timedelta:
        return timedelta(seconds=self.import_lease_s)
