"""The reranker this service serves beside its embedding model, on a thread of its own."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from prometheus_client import Counter, Gauge, Histogram

from services.embedding.errors import ModelLoadingError, ModelNotFoundError, QueueFullError
from services.shared.components.rerankers.protocol import Reranker
from services.shared.kit.telemetry import get_logger

_PASS_TEXTS = 16  # short enough to stop between two passes when the client has left
_RETRY_LOADING_S = 5
_RETRY_AFTER_S = 2
_WAITING = Gauge("ragworks_rerank_waiting_texts", "Texts accepted and not scored yet.")
_TEXTS = Counter("ragworks_rerank_texts", "Texts scored.")
_SECONDS = Histogram(
    "ragworks_rerank_seconds",
    "Scoring all texts of a request, the wait included.",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
_log = get_logger("reranker")


class ServedReranker:
    """One reranker under one name; with an empty name there is none."""

    def __init__(self, name: str, *, load: Callable[[], Reranker], max_waiting_texts: int) -> None:
        self.name = name
        self._load = load
        self._max_waiting_texts = max_waiting_texts
        self._waiting_texts = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rerank")
        self._model: Reranker | None = None
        self._failure: str | None = None

    async def open(self) -> None:
        """Load the model, again and again while that fails; at once done when there is none."""
        while self.name and self._model is None:
            try:
                self._model = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
            except Exception as error:  # noqa: BLE001 - loaders raise anything; logged with its trace, told to callers
                self._failure = f"The reranker '{self.name}' cannot be loaded: {error}"
                _log.error("reranker_loading_failed", model=self.name, exc_info=error)
                await asyncio.sleep(_RETRY_LOADING_S)
            else:
                _log.info("reranker_loaded", model=self.name)

    def close(self) -> None:
        """Drop what waits; the pass under way ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def is_offered(self) -> bool:
        """Whether there is one that scores, now or as soon as it is loaded."""
        return bool(self.name) and (self._model is not None or self._failure is None)

    async def scores(self, model: str, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, 0 to 1. When the caller is cancelled, its waiting texts are dropped.

        Raises:
            ModelNotFoundError: there is no such reranker.
            ModelLoadingError, QueueFullError: not now.
        """
        reranker = self._ready(model)
        if self._waiting_texts and self._waiting_texts + len(texts) > self._max_waiting_texts:
            raise QueueFullError(
                f"{self._waiting_texts:,} texts wait to be ranked already; try again shortly.",
                retry_after_seconds=_RETRY_AFTER_S,
            )
        started = time.perf_counter()
        self._count(len(texts))
        parts = [texts[start : start + _PASS_TEXTS] for start in range(0, len(texts), _PASS_TEXTS)]
        passes = [self._thread.submit(reranker.scores, query, part) for part in parts]
        try:
            done = await asyncio.gather(*map(asyncio.wrap_future, passes))
        finally:
            self._leave(len(texts), passes)
        _TEXTS.inc(len(texts))
        _SECONDS.observe(time.perf_counter() - started)
        return [score for scores in done for score in scores]

    def _ready(self, model: str) -> Reranker:
        if not self.name or model != self.name:
            available = self.name or "none; set RAGWORKS_RERANKER_MODEL to serve one"
            raise ModelNotFoundError(f"The reranker '{model}' does not exist; available: {available}.", param="model")
        if self._model is None:
            raise ModelLoadingError(self._failure or "The reranker is still being loaded; try again in a few seconds.")
        return self._model

    def _leave(self, count: int, passes: Sequence[Future[list[float]]]) -> None:
        for future in passes:
            future.cancel()
        self._count(-count)

    def _count(self, change: int) -> None:
        self._waiting_texts += change
        _WAITING.set(self._waiting_texts)


def loader(kind: str, source: str, *, threads: int) -> Callable[[], Reranker]:
    """Loads the reranker when called."""

    def load() -> Reranker:
        # PyTorch takes seconds to import; the service answers health checks meanwhile.
        from services.shared.components.rerankers.registry import load_reranker

        return load_reranker(kind, source, threads=threads)

    return load
