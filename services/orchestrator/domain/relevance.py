"""Whether retrieval found anything that can hold an answer, and what is said when nothing supports one."""

from collections.abc import Sequence

from services.orchestrator.domain.words import content_words
from services.shared.contracts.answers import Searched
from services.shared.contracts.search import Passage

_TITLES_NAMED = 3
_WORDS = 2


def relevant(question: str, passages: Sequence[Passage], *, min_similarity: float) -> bool:
    """True when a passage is close enough for an answer to be looked for in it: in meaning, or by the question's words.

    Fused scores are relative to one result list, so the absolute cosine similarity decides; or that a passage has all
    of the question's words, if they are several, as a short passage about another thing, too, can be far in meaning.
    """
    near = any(each.scores.dense is not None and each.scores.dense >= min_similarity for each in passages)
    words = content_words(question)
    return near or (len(words) >= _WORDS and any(words <= _words_of(each) for each in passages))


def _words_of(passage: Passage) -> frozenset[str]:
    return content_words(" ".join([*passage.chunk.headings, passage.chunk.text]))


def searched(collection: str, passages: Sequence[Passage], queries: Sequence[str]) -> Searched:
    """What was read for an answer."""
    titles = list(dict.fromkeys(passage.chunk.title for passage in passages))
    return Searched(collection=collection, passages=len(passages), titles=titles, queries=list(queries))


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
