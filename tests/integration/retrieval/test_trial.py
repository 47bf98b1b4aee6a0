"""A trial on live searches: shadows change nothing, interleaved results say which side each passage is of."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from prometheus_client import REGISTRY

from services.retrieval.adapters.trial import LiveSearcher
from services.retrieval.dependencies import Parts
from services.retrieval.settings import RetrievalSettings
from services.shared.contracts.search import Arm, Fusion, SearchRequest
from tests.search_stack import SearchStack

Open = Callable[..., AbstractAsyncContextManager[LiveSearcher]]


@pytest.fixture
def searching(stack: SearchStack) -> Open:
    """Opens the live search with settings of a trial."""

    @asynccontextmanager
    async def opened(**trial: object) -> AsyncGenerator[LiveSearcher]:
        common = stack.settings.model_dump(include={name for name in RetrievalSettings.model_fields if "url" in name})
        secrets = {"internal_key": stack.settings.internal_key, "vectordb_key": stack.settings.vectordb_key}
        parts = Parts.of(RetrievalSettings.model_validate({**common, **secrets, **trial}))
        async with parts.inference, parts.corpus:
            try:
                yield parts.searcher
            finally:
                await parts.searcher.close()
                await parts.vectordb.close()

    return opened


def question(library: str, **more: object) -> SearchRequest:
    return SearchRequest.model_validate(
        {"collection": library, "query": "When was the lighthouse built of granite?", "limit": 3, **more}
    )


async def test_interleaved_results_hold_both_sides(searching: Open, library: str) -> None:
    trial = {"retrieval_trial": "words", "retrieval_trial_ranking": {"fusion": "sparse"}}
    async with searching(**trial, retrieval_trial_mode="interleave") as searcher:
        found = await searcher.search(question(library), principal=None)
        places = [each.scores.trial for each in found.passages]
        arms = {place.arm for place in places if place}
        for _ in range(20):  # who begins is drawn by lot, and may take all that the other one has
            again = await searcher.search(question(library), principal=None)
            arms |= {each.scores.trial.arm for each in again.passages if each.scores.trial}
        assert arms == {Arm.CURRENT, Arm.TRIED}
        assert {place.name for place in places if place} == {"words"}
        assert len({each.id for each in found.passages}) == len(found.passages)
        assert "salary" not in {each.chunk.source for each in found.passages}, "permissions hold on both sides"

        explicit = await searcher.search(question(library, fusion=Fusion.RRF), principal=None)
        evaluated = await searcher.search(question(library, cache=False), principal=None)
        assert not any(each.scores.trial for each in (*explicit.passages, *evaluated.passages))


async def test_a_shadow_is_counted_and_not_seen(searching: Open, library: str) -> None:
    async with searching() as plain:
        expected = await plain.search(question(library), principal=None)
    trial = {"retrieval_trial": "shadowed", "retrieval_trial_ranking": {"fusion": "dense"}}
    async with searching(**trial) as searcher:
        found = await searcher.search(question(library), principal=None)
        assert found.passages == expected.passages
        await searcher.settle()
    assert REGISTRY.get_sample_value("ragworks_retrieval_trial_overlap_count", {"trial": "shadowed"}) == 1


async def test_no_search_takes_part_with_a_share_of_none(searching: Open, library: str) -> None:
    trial = {"retrieval_trial": "words", "retrieval_trial_ranking": {"fusion": "sparse"}, "retrieval_trial_share": 0}
    async with searching(**trial, retrieval_trial_mode="interleave") as searcher:
        found = await searcher.search(question(library), principal=None)
    assert not any(each.scores.trial for each in found.passages)
