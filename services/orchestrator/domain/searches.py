"""What else to search for where one search is not enough: the parts of a question, and what a found passage names.

No model is asked, so that another search costs what a search costs. Figures are in docs/quality.md.
"""

import re
from collections.abc import Iterable, Sequence

from services.orchestrator.domain.rewriting import leans_on_history, standalone
from services.orchestrator.domain.values import values_in
from services.orchestrator.domain.words import content_words
from services.shared.contracts.answers import ValueKind
from services.shared.contracts.search import Passage

_MOST_NAMES = 4
_ASKS = r"(?:who|whom|whose|what|when|where|which|why|how)\b"
_END = re.compile(r"(?<=[?])\s+")
_AND_ASKS = re.compile(rf"[,;]?\s+(?:and|or)\s+(?={_ASKS})", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:between|compare)\s+(?P<one>[^?,;]+?)\s+(?:and|with|to|versus|vs\.?)\s+(?P<other>[^?,;]+?)\s*(?:[?.,;]|$)"
    r"|,\s*(?P<either>[^?,;]+?),?\s+or\s+(?P<or>[^?,;]+?)\s*\?",
    re.IGNORECASE,
)


def parts_of(question: str) -> list[str]:
    """What is asked together, each so that it stands alone: `Who built it and when?`, `the ferry or the train?`.

    Empty when one thing is asked.
    """
    asked = [part.strip() for sentence in _END.split(question) for part in _AND_ASKS.split(sentence)]
    asked = [part for part in asked if content_words(part)]
    if len(asked) > 1:
        return [standalone(part, asked[:place]) if leans_on_history(part) else part for place, part in enumerate(asked)]
    match = _COMPARED.search(question)
    return [part.strip() for part in match.groups() if part] if match else []


def named_beyond(question: str, passages: Sequence[Passage]) -> str | None:
    """The question with what its best passage names and the question does not; None when that is nothing.

    A question whose answer takes two documents often says the name of the second in the first alone.
    """
    if not passages:
        return None
    best = passages[0].chunk
    names = [value.text for value in values_in(best.text) if value.kind is ValueKind.NAME]
    fresh = _unknown([best.title, *names], content_words(question))
    return " ".join([question, *fresh]) if fresh else None


def in_turn(found: Sequence[Sequence[Passage]], *, limit: int) -> list[Passage]:
    """The best of each search, then the second of each, and so on, every passage once."""
    deepest = max(map(len, found), default=0)
    ordered = [passages[place] for place in range(deepest) for passages in found if place < len(passages)]
    return list({passage.id: passage for passage in ordered}.values())[:limit]


def _unknown(names: Iterable[str], known: frozenset[str]) -> list[str]:
    fresh: list[str] = []
    for name in names:
        words = content_words(name)
        if words and not words <= known:
            fresh.append(name)
            known |= words
    return fresh[:_MOST_NAMES]
