"""What decides about a claim besides its words: its meaning, and an entailment model."""

from collections.abc import Sequence

import pytest

from services.orchestrator.domain.checking import CheckRules, ClaimChecker
from services.orchestrator.domain.sources import number_sources
from services.shared.components.entailment.registry import entailment_model
from services.shared.contracts.answers import Verdict
from tests.unit.orchestrator.passages import passage

RULES = CheckRules(min_support=0.6, undecided_from=0.3, min_similarity=0.75, comparisons=2)
SOURCES = number_sources([passage("The ferry leaves the harbour at 07:40."), passage("The ferry is white.", index=1)])
PARAPHRASE = "The departure of the ferry happens at 07:40"


class Vectors:
    """Every claim is like the first place, or unlike all."""

    def __init__(self, *, alike: bool, reachable: bool = True) -> None:
        self._alike = alike
        self._reachable = reachable
        self.asked: list[Sequence[str]] = []

    async def of(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        self.asked.append(texts)
        return (
            [[1.0, 0.0], *([1.0, 0.1] if self._alike else [0.0, 1.0] for _ in texts[1:])] if self._reachable else None
        )


class Judge:
    """An entailment model that is sure of one thing."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    async def probability(self, premise: str, claim: str) -> float:
        del premise, claim
        return self._probability


async def verdict(claim: str, vectors: Vectors | None, judge: Judge | None = None) -> Verdict:
    (checked,) = await ClaimChecker("When?", SOURCES, RULES, vectors=vectors, entailment=judge).check(claim)
    return checked.verdict


async def test_meaning_decides_where_words_do_not() -> None:
    assert await verdict(PARAPHRASE, Vectors(alike=True)) is Verdict.SUPPORTED
    assert await verdict(PARAPHRASE, Vectors(alike=False)) is Verdict.UNSUPPORTED
    assert await verdict(PARAPHRASE, None) is Verdict.UNSUPPORTED


async def test_where_words_decide_the_embedding_model_is_not_asked() -> None:
    vectors = Vectors(alike=True)
    await verdict("The ferry leaves the harbour at 07:40", vectors)
    await verdict("Bananas are yellow", vectors)
    await verdict("The departure of the ferry happens at 09:15", vectors)
    assert vectors.asked == []


async def test_words_alone_decide_while_the_embedding_model_is_away() -> None:
    assert await verdict(PARAPHRASE, Vectors(alike=True, reachable=False)) is Verdict.UNSUPPORTED


async def test_comparisons_end_at_their_limit() -> None:
    vectors = Vectors(alike=True)
    checker = ClaimChecker("When?", SOURCES, RULES, vectors=vectors)
    verdicts = [(await checker.check(PARAPHRASE))[0].verdict for _ in range(3)]
    assert verdicts == [Verdict.SUPPORTED, Verdict.SUPPORTED, Verdict.UNSUPPORTED]
    assert len(vectors.asked) == 2


async def test_an_entailment_model_has_the_last_word() -> None:
    claim = "The ferry leaves the harbour at 07:40"
    assert await verdict(claim, None, Judge(0.9)) is Verdict.SUPPORTED
    assert await verdict(claim, None, Judge(0.1)) is Verdict.PARTLY


@pytest.mark.parametrize("setting", ["nli-model", "cross-encoder:", "oracle:x"])
def test_an_unknown_kind_of_entailment_model_is_refused_with_the_kinds_there_are(setting: str) -> None:
    with pytest.raises(ValueError, match="cross-encoder"):
        entailment_model(setting)


def test_no_setting_means_no_entailment_model() -> None:
    assert entailment_model("") is None
