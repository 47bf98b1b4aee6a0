"""The sentence in which an answer most likely stands: the one that shares the question's rarer words."""

import math
from collections import Counter
from collections.abc import Sequence

from services.orchestrator.domain.evidence import Evidence
from services.orchestrator.domain.sources import Source
from services.orchestrator.domain.values import values_in
from services.orchestrator.domain.words import content_words

_RANK_SHARE = 0.35
"""How much the rank of a passage weighs beside the words of its sentence; measured on the dev half of SQuAD 2."""


def sentence_for(question: str, sources: Sequence[Source], *, among: Sequence[Source] | None = None) -> Evidence | None:
    """The nearest sentence of all passages, or of those in `among`; `support` is the share of the question's words, the
    rarer the heavier.

    None when the question names a number, name or date that no passage knows: no sentence can be about it.
    """
    if any(not any(source.values.has(value) for source in sources) for value in values_in(question)):
        return None
    weights = _weights(content_words(question), sources)
    total = sum(weights.values())
    best: tuple[float, Evidence] | None = None
    for source in sources if among is None else among:
        for sentence in source.sentences:
            known = sentence.words | source.heading_words
            share = sum(weight for word, weight in weights.items() if word in known) / total if total else 0.0
            rank = share + _RANK_SHARE * source.passage.scores.fused
            if best is None or rank > best[0]:
                best = rank, Evidence(source, sentence.start, sentence.end, share)
    return best[1] if best else None


def _weights(words: frozenset[str], sources: Sequence[Source]) -> dict[str, float]:
    """A word weighs the more, the fewer sentences hold it."""
    sentences = [sentence.words | source.heading_words for source in sources for sentence in source.sentences]
    held = Counter(word for sentence in sentences for word in words & sentence)
    return {word: math.log(1 + len(sentences) / (1 + held[word])) for word in words}
