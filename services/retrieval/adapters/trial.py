"""A trial: another way to search, tried on live questions beside the current one.

As a shadow nobody sees it: how far both agree is counted. Interleaved, every result list holds passages of both, and
what answers cite tells which one brings the better ones (`ragworks eval trial`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from prometheus_client import Counter, Histogram

from services.retrieval.adapters.search import Searcher
from services.retrieval.domain.interleaving import overlap, team_draft
from services.shared.contracts.search import RANKING_FIELDS, Arm, SearchRequest, SearchResponse, TrialMode
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_MOST_SHADOWS = 4

_OVERLAP = Histogram(
    "ragworks_retrieval_trial_overlap",
    "Share of passages that the current and the tried search have in common.",
    ["trial"],
    buckets=(0, 0.2, 0.4, 0.6, 0.8, 0.9, 1),
)
_SECONDS = Histogram(
    "ragworks_retrieval_trial_seconds",
    "Time of searches of a trial.",
    ["trial", "arm"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2.5),
)
_SKIPPED = Counter("ragworks_retrieval_trial_skipped", "Searches that a trial missed.", ["trial", "why"])
_log = get_logger("trial")


@dataclass(frozen=True)
class Trial:
    """What is tried, and on which share of the searches."""

    name: str
    mode: TrialMode
    ranking: Mapping[str, object]
    """Fields of a search request that replace the defaults."""
    share: float


@dataclass(frozen=True)
class LiveSearcher:
    """Searches for users: the current way, and of a trial's share the tried one, too."""

    searcher: Searcher
    trial: Trial | None = None
    _shadows: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def search(self, request: SearchRequest, *, principal: str | None) -> SearchResponse:
        """As `Searcher.search`; requests that say how to rank are no part of a trial."""
        trial = self.trial
        draw = Random()  # noqa: S311 - a lot between two rankings
        if trial is None or not _takes_part(request) or draw.random() >= trial.share:
            return await self.searcher.search(request, principal=principal)
        if trial.mode is TrialMode.INTERLEAVE:
            return await self._interleaved(trial, request, principal, draw)
        current = await self.searcher.search(request, principal=principal)
        self._shadow(trial, request, principal, current)
        return current

    async def settle(self) -> None:
        """Wait for what runs in the background."""
        await asyncio.gather(*self._shadows, return_exceptions=True)

    async def close(self) -> None:
        """Give up what runs in the background."""
        for task in self._shadows:
            task.cancel()
        await self.settle()

    async def _interleaved(
        self, trial: Trial, request: SearchRequest, principal: str | None, draw: Random
    ) -> SearchResponse:
        """Both, one after the other: the second needs no embedding. The current one alone when the other fails."""
        current = await self.searcher.search(request, principal=principal)
        tried = await self._tried(trial, request, principal)
        if tried is None:
            return current
        _compare(trial, current, tried)
        rankings = {Arm.CURRENT: current.passages, Arm.TRIED: tried.passages}
        passages = team_draft(trial.name, rankings, limit=request.limit, draw=draw)
        return current.model_copy(update={"passages": passages})

    def _shadow(self, trial: Trial, request: SearchRequest, principal: str | None, current: SearchResponse) -> None:
        if len(self._shadows) >= _MOST_SHADOWS:
            _SKIPPED.labels(trial.name, "busy").inc()
            return
        task = asyncio.create_task(self._in_shadow(trial, request, principal, current))
        self._shadows.add(task)
        task.add_done_callback(self._shadows.discard)

    async def _in_shadow(
        self, trial: Trial, request: SearchRequest, principal: str | None, current: SearchResponse
    ) -> None:
        tried = await self._tried(trial, request, principal)
        if tried is not None:
            _compare(trial, current, tried)

    async def _tried(self, trial: Trial, request: SearchRequest, principal: str | None) -> SearchResponse | None:
        try:
            return await self.searcher.search(request.model_copy(update=dict(trial.ranking)), principal=principal)
        except PlatformError as error:
            _SKIPPED.labels(trial.name, "failed").inc()
            _log.warning("trial_search_failed", trial=trial.name, code=error.code)
            return None


def _takes_part(request: SearchRequest) -> bool:
    return request.cache and not request.model_fields_set & RANKING_FIELDS


def _compare(trial: Trial, current: SearchResponse, tried: SearchResponse) -> None:
    _OVERLAP.labels(trial.name).observe(overlap(current.passages, tried.passages))
    _SECONDS.labels(trial.name, Arm.CURRENT).observe(current.timings.total_ms / 1000)
    _SECONDS.labels(trial.name, Arm.TRIED).observe(tried.timings.total_ms / 1000)
