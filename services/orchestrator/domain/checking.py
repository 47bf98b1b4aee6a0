"""Checks a sentence of an answer against the passages: words and values first, embeddings where words do not decide."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.orchestrator.domain.claims import Clause, claims_something, clauses, statement
from services.orchestrator.domain.evidence import Evidence, best_evidence, evidence_by_rank
from services.orchestrator.domain.ports import TextVectors
from services.orchestrator.domain.sources import Source
from services.orchestrator.domain.values import Value, values_in, without_dates
from services.orchestrator.domain.words import content_words
from services.shared.components.entailment.protocol import Entailment
from services.shared.contracts.answers import Verdict

_PLACES_COMPARED = 4
_NEARLY_ALL = 0.85
_NEGATIONS = frozenset(["not", "never", "no", "without", "nor", "neither", "cannot", "n't", "n’t"])
_NEGATION_WORD = re.compile(r"n['’]t\b|\b[a-z]+\b")


@dataclass(frozen=True)
class CheckRules:
    """When a claim counts as supported."""

    min_support: float
    """Share of a claim's content words that one place must hold."""
    undecided_from: float
    """Share of words from which on meaning is compared where words alone are too few."""
    min_similarity: float
    """Cosine similarity of claim and place that stands for the missing words."""
    comparisons: int
    """Most claims of one answer whose meaning is compared: each takes a call to the embedding model."""
    min_entailment: float = 0.5


@dataclass(frozen=True)
class CheckedClaim:
    """A claim with its verdict; `start` is its place in the sentence."""

    text: str
    start: int
    verdict: Verdict
    support: float
    evidence: tuple[Evidence, ...] = ()
    flagged: tuple[Value, ...] = ()


@dataclass
class ClaimChecker:
    """Checks the sentences of one answer."""

    question: str
    sources: Sequence[Source]
    rules: CheckRules
    vectors: TextVectors | None = None
    entailment: Entailment | None = None
    comparisons: int = field(default=0)
    """Calls to the embedding model so far."""

    async def check(self, sentence: str, *, terminator: str = "") -> list[CheckedClaim]:
        """The sentence's claims: the sentence where one place holds nearly all of it, else its clauses.

        None if it claims nothing, as a question does: `terminator` is what ends it, where that is no part of it.
        """
        if not claims_something(sentence + terminator):
            return []
        stated = statement(sentence)
        parts = clauses(stated)
        whole = await self._check(stated) if len(parts) == 1 or self._nearly_all(stated) else None
        if whole is not None and (whole.verdict is Verdict.SUPPORTED or len(parts) == 1):
            return [whole]
        return [await self._check(part) for part in parts]

    def _nearly_all(self, stated: Clause) -> bool:
        place = best_evidence(_compared(stated.text), content_words(self.question), self.sources)
        return place is not None and place.support >= _NEARLY_ALL

    async def _check(self, clause: Clause) -> CheckedClaim:
        words, asked = _compared(clause.text), content_words(self.question)
        values = values_in(clause.text)
        flagged = tuple(value for value in values if not any(source.values.has(value) for source in self.sources))
        holding = [] if flagged else [source for source in self.sources if all(map(source.values.has, values))]
        place = await self._supporting(clause.text, evidence_by_rank(words, asked, holding))
        if place is not None:
            return CheckedClaim(clause.text, clause.start, Verdict.SUPPORTED, place.support, (place,))
        nearest = best_evidence(words, asked, self.sources)
        if nearest is None or nearest.support < self.rules.min_support:
            support = nearest.support if nearest else 0.0
            return CheckedClaim(clause.text, clause.start, Verdict.UNSUPPORTED, support, flagged=flagged)
        return CheckedClaim(clause.text, clause.start, Verdict.PARTLY, nearest.support, (nearest,), flagged)

    async def _supporting(self, claim: str, places: Sequence[Evidence]) -> Evidence | None:
        """The place that supports the claim: the best by its words, else the best by its meaning."""
        if not places or (_negated(claim) and not _negated(places[0].quote)):
            return None
        place = places[0] if places[0].support >= self.rules.min_support else await self._by_meaning(claim, places)
        if place is None or self.entailment is None:
            return place
        entailed = await self.entailment.probability(place.quote, claim)
        return replace(place, support=entailed) if entailed >= self.rules.min_entailment else None

    async def _by_meaning(self, claim: str, places: Sequence[Evidence]) -> Evidence | None:
        if self.vectors is None or self.comparisons >= self.rules.comparisons:
            return None
        near = [place for place in places if place.support >= self.rules.undecided_from][:_PLACES_COMPARED]
        if not near:
            return None
        self.comparisons += 1
        vectors = await self.vectors.of([claim, *(place.quote for place in near)])
        if vectors is None:
            return None
        claimed, *told = vectors
        closest, cosine = max(zip(near, (_cosine(claimed, each) for each in told), strict=True), key=lambda one: one[1])
        return replace(closest, support=min(cosine, 1.0)) if cosine >= self.rules.min_similarity else None


def _compared(text: str) -> frozenset[str]:
    """The words to look for; dates are compared as dates, however they are written."""
    return content_words(without_dates(text)) or content_words(text)


def _negated(text: str) -> bool:
    return not _NEGATIONS.isdisjoint(_NEGATION_WORD.findall(text.lower()))


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0
