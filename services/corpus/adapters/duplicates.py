"""Reports the equal and the almost equal documents of a collection."""

from itertools import groupby

from services.shared.components.catalogue import signatures
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.duplicates.near import Likeness, Signed, likenesses
from services.shared.contracts.corpus import Collection
from services.shared.contracts.duplicates import DocumentName, DuplicateReport, EqualDocuments, SimilarDocuments


def report_duplicates(catalogue: Catalogue, collection: Collection, *, threshold: float, limit: int) -> DuplicateReport:
    """Compare all documents; at most `limit` of each kind are named, the most similar first."""
    with catalogue.read() as connection:
        signed = list(signatures.of_collection(connection, collection.id))
        not_compared = signatures.unsigned(connection, collection.id)
        references = signatures.equal(connection, collection.id)
    sources = {document: source for document, source, _ in signed}
    near = list(likenesses((Signed(document, signature) for document, _, signature in signed), threshold=threshold))
    near.sort(key=lambda found: -found.similarity)
    return DuplicateReport(
        collection=collection.name,
        threshold=threshold,
        compared=len(signed),
        not_compared=not_compared,
        equal_total=len(references),
        equal=_grouped(references[:limit]),
        near_total=len(near),
        near=[_named(found, sources) for found in near[:limit]],
    )


def _grouped(references: list[tuple[str, str, str, str]]) -> list[EqualDocuments]:
    groups = groupby(references, key=lambda reference: reference[2:])
    return [
        EqualDocuments(
            document=DocumentName(id=owner, source=source),
            copies=[DocumentName(id=reference[0], source=reference[1]) for reference in group],
        )
        for (owner, source), group in groups
    ]


def _named(found: Likeness, sources: dict[str, str]) -> SimilarDocuments:
    return SimilarDocuments(
        document=DocumentName(id=found.id, source=sources[found.id]),
        like=DocumentName(id=found.like, source=sources[found.like]),
        similarity=round(found.similarity, 3),
    )
