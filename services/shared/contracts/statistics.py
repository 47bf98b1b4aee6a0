"""What is in a collection, counted."""

from datetime import datetime

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class CollectionStatistics(Frozen):
    """Counts of a collection as it is searchable now; `failures` are of documents whose last ingest failed."""

    collection: str
    documents: int
    copies: int = Field(description="Documents that refer to an equal one and have no chunks of their own.")
    chunks: int
    bytes: int = Field(description="Of the documents' files, each copy once.")
    oldest: datetime | None = Field(description="When the document was ingested that has not changed for longest.")
    newest: datetime | None
    languages: dict[str, int] = Field(description="Documents by ISO 639 code, the most frequent first; `unknown` too.")
    media_types: dict[str, int] = Field(description="Documents by media type, the most frequent first.")
    pending: int = Field(description="Documents that wait for a job or are in one.")
    failures: dict[str, int] = Field(description="Documents by the code of their failure, the most frequent first.")
