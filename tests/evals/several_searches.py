"""What more than one search finds for questions that take two documents: `python -m tests.evals.several_searches`.

HotpotQA through the search of the running services; no model answers. It takes about a minute.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from services.orchestrator.adapters.passage_finder import PassageFinder, SearchRules
from services.orchestrator.adapters.retrieval import RetrievalService
from services.orchestrator.domain.question import Question
from services.shared.contracts.search import Passage
from services.shared.kit.http import ServiceClient
from tests.evals.datasets import Dataset, eval_data, load
from tests.evals.stored import store
from tests.search_stack import SearchStack, running_search_stack

_COLLECTION = "hotpotqa"
_PASSAGES = 5
_SERVICES = ("vectordb", "embedding", "inference", "corpus", "retrieval")


async def main() -> None:
    """Measure and print."""
    data = load(eval_data() / "hotpotqa-500")
    with tempfile.TemporaryDirectory() as name, running_search_stack(Path(name), *_SERVICES) as stack:
        async with stack.corpus() as corpus:
            (await corpus.post("/api/collections", json={"name": _COLLECTION})).raise_for_status()
        async with stack.index() as index, stack.embedder() as embedder:
            await store(index, embedder, _COLLECTION, data.documents, titled=True)
        _say(f"{len(data.questions)} questions; 'both' of the {len(_of_two(data))} with two documents")
        found = [await _found(stack, data, searches) for searches in (1, 2, 3, 4)]
    for searches, passages in enumerate(found, 1):
        _say(f"searches {searches}: {_figures(data, passages)}; {_changes(data, found[0], passages)}")


async def _found(stack: SearchStack, data: Dataset, searches: int) -> Mapping[str, Sequence[Passage]]:
    async with ServiceClient(stack.settings.retrieval_url, audience="retrieval", settings=stack.settings) as client:
        rules = SearchRules(_PASSAGES, searches=searches)
        finder = PassageFinder(RetrievalService(client), rules)
        return {key: (await finder.find(_question(text), text)).passages for key, text in data.questions.items()}


def _question(text: str) -> Question:
    return Question(
        _COLLECTION, text, system="", history=(), sampling={}, answer_tokens=1, include_usage=False, store=False
    )


def _figures(data: Dataset, found: Mapping[str, Sequence[Passage]]) -> str:
    recall = fmean(len(_gold(data, key, passages)) / len(data.relevance[key]) for key, passages in found.items())
    three, five = (fmean(_has_all(data, key, found[key][:most]) for key in _of_two(data)) for most in (3, _PASSAGES))
    return f"recall@5 {recall:.3f}, both@3 {three:.3f}, both@5 {five:.3f}"


def _changes(data: Dataset, before: Mapping[str, Sequence[Passage]], after: Mapping[str, Sequence[Passage]]) -> str:
    pairs = [(_has_all(data, key, before[key]), _has_all(data, key, after[key])) for key in _of_two(data)]
    return f"both: {pairs.count((False, True))} gained, {pairs.count((True, False))} lost"


def _of_two(data: Dataset) -> list[str]:
    return [key for key in data.questions if len(data.relevance[key]) == 2]


def _has_all(data: Dataset, key: str, passages: Sequence[Passage]) -> bool:
    return len(_gold(data, key, passages)) == len(data.relevance[key])


def _gold(data: Dataset, key: str, passages: Sequence[Passage]) -> set[str]:
    return {passage.chunk.document_id for passage in passages} & data.relevance[key].keys()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    asyncio.run(main())
