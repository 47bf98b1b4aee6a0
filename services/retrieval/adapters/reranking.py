"""The reranker as a stage of search: it orders the best passages, and a search goes on without it when it is down."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Counter

from services.retrieval.errors import no_reranker
from services.shared.components.rerankers.inference import InferenceReranker
from services.shared.contracts.search import Passage, SearchRequest
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger, tracer

_LEFT_OUT = Counter("ragworks_retrieval_rerank_left_out", "Searches that went on without their reranker.", ["reason"])
_log = get_logger("reranking")


@dataclass(frozen=True)
class Reranked:
    """Passages, best first; `seconds` is None when the reranker was left out."""

    passages: list[Passage]
    seconds: float | None


@dataclass(frozen=True)
class PassageReranker:
    """Orders passages by a reranker, where there is one."""

    reranker: InferenceReranker | None
    candidates: int
    by_default: bool

    def reads(self, request: SearchRequest) -> int:
        """How many passages the reranker is to read; 0: none.

        Raises:
            InvalidRequestError: the request asks for a reranker that the platform does not have.
        """
        if request.rerank and self.reranker is None:
            raise no_reranker()
        wanted = self.by_default if request.rerank is None else request.rerank
        return (request.rerank_candidates or self.candidates) if wanted and self.reranker is not None else 0

    async def rank(self, request: SearchRequest, passages: Sequence[Passage]) -> Reranked:
        """The first of the passages in the reranker's order, then the others; as they were when it cannot be had."""
        some, others = passages[: self.reads(request)], passages[self.reads(request) :]
        if self.reranker is None or not some:
            return Reranked(list(passages), 0.0)
        started = time.perf_counter()
        try:
            with tracer.start_as_current_span("rerank"):
                scores = await self.reranker.scores(request.query, [_text(each) for each in some])
        except PlatformError as error:
            _LEFT_OUT.labels(error.code).inc()
            _log.warning("rerank_left_out", reason=error.message)
            return Reranked(list(passages), None)
        scored = [_with_score(each, score) for each, score in zip(some, scores, strict=True)]
        ranked = sorted(scored, key=lambda each: -each.scores.final)  # equal ones stay as they were
        return Reranked([*ranked, *others], time.perf_counter() - started)


def _text(passage: Passage) -> str:
    return "\n".join([*passage.chunk.headings, passage.chunk.text])


def _with_score(passage: Passage, score: float) -> Passage:
    return passage.model_copy(update={"scores": passage.scores.model_copy(update={"rerank": score})})
