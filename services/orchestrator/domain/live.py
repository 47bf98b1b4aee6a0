"""Live material: what tools of outside systems said, numbered and cited like passages, beside those of documents.

It is as untrusted as any document: it stands in the user's message, and its claims are checked like all others.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from services.orchestrator.domain.evidence import Evidence
from services.orchestrator.domain.focus import sentence_for
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.sources import Source
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.openai import Citation
from services.shared.contracts.search import Passage, PassageScores
from services.shared.contracts.tools import CallResult, Material

_LIVE = "live:"
_DOCUMENT_SUPPORT = 0.25
"""Share of a question's words that a document's sentence must hold to be quoted beside live material, which the other
words are about."""


class LiveMaterial(Protocol):
    """Calls the tools that a question asks for."""

    async def passages(self, question: Question) -> list[Passage]:
        """What they said; nothing when the question asks for none."""
        ...


def live_passages(result: CallResult, *, collection: str, at: datetime) -> list[Passage]:
    """A result as passages of the collection that was asked."""
    return [
        _passage(f"{_LIVE}{result.id}:{number}", each, collection=collection, at=at)
        for number, each in enumerate(result.material, start=1)
    ]


def has_live(passages: Sequence[Passage]) -> bool:
    """Whether any of them is live."""
    return any(_is_live(each) for each in passages)


def uncited(question: str, sources: Sequence[Source], cited: Sequence[Citation]) -> Iterator[tuple[str, Evidence]]:
    """What was asked for and is not in the answer yet, with words that lead to it.

    Who asked for live data sees it, and a document's sentence about the question beside it, whatever the model made of
    them.
    """
    live = [each for each in sources if _is_live(each.passage)]
    if not live:
        return
    numbers = {each.number for each in cited}
    documents = [each for each in sources if not _is_live(each.passage)]
    for lead, group, least in (("Live data says", live, 0.0), ("The documents say", documents, _DOCUMENT_SUPPORT)):
        place = sentence_for(question, sources, among=group)
        if place is not None and place.support >= least and numbers.isdisjoint(each.number for each in group):
            yield f"\n\n{lead}: ", place


def _is_live(passage: Passage) -> bool:
    return passage.id.startswith(_LIVE)


def _passage(identity: str, material: Material, *, collection: str, at: datetime) -> Passage:
    digest = sha256(material.text.encode()).hexdigest()
    chunk = ChunkPayload(
        collection=collection,
        document_id=identity,
        document_version=digest,
        source=material.source,
        title=material.title,
        text=material.text,
        headings=(f"Live result of {material.title}",),
        index=0,
        char_start=0,
        char_end=len(material.text),
        content_hash=digest,
        embedding_model="",
        access=(),
        ingested_at=at,
    )
    return Passage(id=identity, scores=PassageScores(fused=1.0), chunk=chunk)
