"""Whether retrieval found anything that can hold an answer."""

from collections.abc import Sequence

from services.shared.contracts.search import Passage


def relevant(passages: Sequence[Passage], *, min_similarity: float) -> bool:
    """True when the best passage is close enough in meaning for an answer to be looked for in it.

    Fused scores are relative to one result list, so the absolute cosine similarity decides.
    """
    best = max((passage.scores.dense for passage in passages if passage.scores.dense is not None), default=None)
    return best is not None and best >= min_similarity


def no_answer(collection: str) -> str:
    """What is said instead of an answer."""
    return (
        f"I found no answer in the collection '{collection}': no passage there is close enough to the question. "
        "Ask it in other words, or ingest documents that cover it."
    )


def unsupported_note(collection: str) -> str:
    """What is added to an answer none of whose sentences stands in a passage."""
    return f"\n\n(No passage found in '{collection}' supports this answer; do not rely on it.)"
