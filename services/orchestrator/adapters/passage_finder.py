"""The searches of an answer: one as a rule, and more where that is wanted, within a number and a time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.orchestrator.domain.ports import Retriever
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.searches import in_turn, named_beyond, parts_of
from services.shared.contracts.search import Passage, SearchRequest
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("searches")


@dataclass(frozen=True)
class SearchRules:
    """How much is searched when the request does not say."""

    passages: int
    searches: int = 1
    seconds: float = 5.0
    """After these no further search begins."""


@dataclass(frozen=True)
class Findings:
    """What was searched for, in order, and the passages."""

    queries: list[str]
    passages: list[Passage]


class PassageFinder:
    """Searches for a question, for its parts, and for what was found to be named."""

    def __init__(self, retriever: Retriever, rules: SearchRules) -> None:
        self._retriever = retriever
        self._rules = rules

    async def find(self, question: Question, query: str) -> Findings:
        """Passages for a query that stands alone, the best of every search first.

        Raises:
            PlatformError: the first search failed. Where a further one fails, the answer does without it.
        """
        limit = question.passages or self._rules.passages
        most = min(limit, question.options.searches or self._rules.searches)  # the best of each search is kept
        started = time.monotonic()
        parts = [part for part in parts_of(query) if part != query] if most > 1 else []
        queries = [query, *parts][:most]
        first, *others = await asyncio.gather(
            self._search(question, query, limit), *(self._further(question, part, limit) for part in queries[1:])
        )
        found: list[Sequence[Passage]] = [first, *others]
        while len(queries) < most and time.monotonic() - started < self._rules.seconds:
            further = named_beyond(query, found[-1] or first)
            if further is None or further in queries:
                break
            queries.append(further)
            found.append(await self._further(question, further, limit))
        return Findings(queries, in_turn(found, limit=limit))

    async def _search(self, question: Question, query: str, limit: int) -> list[Passage]:
        request = SearchRequest(collection=question.collection, query=query, limit=limit, filters=question.filters)
        return (await self._retriever.search(request)).passages

    async def _further(self, question: Question, query: str, limit: int) -> list[Passage]:
        try:
            return await self._search(question, query, limit)
        except PlatformError as error:
            _log.warning("further_search_failed", reason=error.message)
            return []
