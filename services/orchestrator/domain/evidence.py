"""Which sentences of which passage speak for a claim, by the words they share."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.orchestrator.domain.sources import Source

_MOST_SENTENCES = 3
_PER_SENTENCE = 0.12
"""What a further sentence must add to the share of words for a quote to be made longer by it."""
_QUESTION_SHARE = 0.1
"""How much the words of the question weigh in choosing among places that hold the claim."""


@dataclass(frozen=True)
class Evidence:
    """A place in a passage: `start` to `end` of its text; `support` is the share of the claim that it covers."""

    source: Source
    start: int
    end: int
    support: float

    @property
    def quote(self) -> str:
        """The place's text."""
        return self.source.quote(self.start, self.end)


def best_evidence(claim: frozenset[str], question: frozenset[str], sources: Sequence[Source]) -> Evidence | None:
    """The place that covers a claim's words best; of equals, the one nearer to the question, then ranked higher."""
    ranked = evidence_by_rank(claim, question, sources)
    return ranked[0] if ranked else None


def evidence_by_rank(claim: frozenset[str], question: frozenset[str], sources: Sequence[Source]) -> list[Evidence]:
    """The best place of each passage, best first."""
    places = [place for source in sources if (place := _best_place(claim, question, source)) is not None]
    return [place for _, place in sorted(places, key=lambda each: (-each[0], each[1].source.number))]


def _best_place(claim: frozenset[str], question: frozenset[str], source: Source) -> tuple[float, Evidence] | None:
    best: tuple[float, Evidence] | None = None
    for first in range(len(source.sentences)):
        words = source.heading_words
        for last in range(first, min(first + _MOST_SENTENCES, len(source.sentences))):
            words = words | source.sentences[last].words
            support = _share(claim, words)
            rank = support + _QUESTION_SHARE * _share(question, words) - _PER_SENTENCE * (last - first)
            if best is None or rank > best[0]:
                place = Evidence(source, source.sentences[first].start, source.sentences[last].end, support)
                best = rank, place
    return best


def _share(wanted: frozenset[str], words: frozenset[str]) -> float:
    return len(wanted & words) / len(wanted) if wanted else 0.0
