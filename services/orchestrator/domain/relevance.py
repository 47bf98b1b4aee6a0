"""Whether retrieval found anything that can hold an answer, and what is said when nothing supports one."""

from collections.abc import Sequence

from services.shared.contracts.answers import Searched
from services.shared.contracts.search import Passage

_TITLES_NAMED = 3


def relevant(passages: Sequence[Passage], *, min_similarity: float) -> bool:
    """True when the best passage is close enough in meaning for an answer to be looked for in it.

    Fused scores are relative to one result list, so the absolute cosine similarity decides.
    """
    best = max((passage.scores.dense for passage in passages if passage.scores.dense is not None), default=None)
    return best is not None and best >= min_similarity


def searched(collection: str, passages: Sequence[Passage]) -> Searched:
    """What was read for an answer."""
    titles = list(dict.fromkeys(passage.chunk.title for passage in passages))
    return Searched(collection=collection, passages=len(passages), titles=titles)


def no_answer(found: Searched) -> str:
    """What is said instead of an answer."""
    return (
        f"I found no answer in the collection '{found.collection}': {_read(found)}. "
        "Ask it in other words, or ingest documents that cover it."
    )


def unsupported_note(found: Searched) -> str:
    """What is added to an answer none of whose claims stands in a passage."""
    return f"\n\n(Nothing in the collection '{found.collection}' supports this answer: {_read(found)}.)"


def quote_lead(*, shown: bool) -> str:
    """What leads to the sentence that is quoted because nothing the model said is supported."""
    return "\n\nThe passages say: " if shown else "The passages say: "


def _read(found: Searched) -> str:
    if not found.passages:
        return "no passage was found"
    count = "one passage was read" if found.passages == 1 else f"{found.passages} passages were read"
    return f"{count}, the nearest from {', '.join(repr(title) for title in found.titles[:_TITLES_NAMED])}"
