"""Which documents of a collection are equal or almost equal."""

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class DocumentName(Frozen):
    """A document."""

    id: str
    source: str


class EqualDocuments(Frozen):
    """Documents of the same content: the first has the chunks, the others refer to it."""

    document: DocumentName
    copies: list[DocumentName]


class SimilarDocuments(Frozen):
    """A document, and the earlier one it is most like."""

    document: DocumentName
    like: DocumentName
    similarity: float = Field(description="Share of their sequences of three words that both have, estimated; 0 to 1.")


class DuplicateReport(Frozen):
    """A collection's duplicates; the lists may be cut, the totals are not."""

    collection: str
    threshold: float
    compared: int = Field(description="Documents whose texts were compared.")
    not_compared: int = Field(description="Documents without words, or of a release that made no signatures.")
    equal_total: int = Field(description="Documents that refer to an equal one.")
    equal: list[EqualDocuments]
    near_total: int = Field(description="Documents that are almost equal to an earlier one.")
    near: list[SimilarDocuments]
