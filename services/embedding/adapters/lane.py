"""One model on one thread, and the texts that wait for it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
from prometheus_client import Counter, Gauge, Histogram

from services.embedding.errors import ModelLoadingError, QueueFullError
from services.shared.components.embedders.batching import EmbeddedBatch, plan_batches

_BATCH_TOKENS = 2048  # about 8 full windows: large enough to be efficient, short enough to stop between two
_RETRY_AFTER_S = 2

_WAITING = Gauge("ragworks_embedding_waiting_texts", "Texts accepted and not embedded yet.", ["lane"])
_TEXTS = Counter("ragworks_embedding_texts", "Texts embedded.", ["lane"])
_TOKENS = Counter("ragworks_embedding_tokens", "Tokens read by the model.", ["lane"])
_PASS_SECONDS = Histogram(
    "ragworks_embedding_pass_seconds",
    "One pass of the network over a batch.",
    ["lane"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


class BatchEmbedder(Protocol):
    """A loaded model, used by one thread at a time."""

    @property
    def window_tokens(self) -> int: ...

    @property
    def dimensions(self) -> int: ...

    def embed_batch(self, texts: Sequence[str]) -> EmbeddedBatch: ...


class Lane:
    """Embeds what is handed to it, in the order of arrival, off the event loop.

    Two lanes have a thread and a model each, so that what waits in one never delays the other.
    """

    def __init__(self, name: str, *, load: Callable[[], BatchEmbedder], max_waiting_texts: int) -> None:
        self._name = name
        self._load = load
        self._max_waiting_texts = max_waiting_texts
        self._waiting_texts = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"embed-{name}")
        self._model: BatchEmbedder | None = None

    async def open(self) -> None:
        """Load the model; raises what loading raises, and may be called again then."""
        if self._model is None:
            model = await asyncio.get_running_loop().run_in_executor(self._thread, self._loaded_and_warm)
            self._model = model

    def close(self) -> None:
        """Drop what waits; the pass under way ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def model(self) -> BatchEmbedder:
        """The loaded model.

        Raises:
            ModelLoadingError: it is not loaded yet.
        """
        if self._model is None:
            raise ModelLoadingError("The embedding model is still being loaded; try again in a few seconds.")
        return self._model

    async def embed(self, texts: Sequence[str]) -> EmbeddedBatch:
        """The vectors of the texts, in their order. When the caller is cancelled, its waiting texts are dropped.

        Raises:
            ModelLoadingError: the model is not loaded yet.
            QueueFullError: too many texts wait already.
        """
        model = self.model
        self._admit(len(texts))
        plan = plan_batches(texts, window_tokens=model.window_tokens, batch_tokens=_BATCH_TOKENS)
        passes = [self._thread.submit(self._pass, model, [texts[i] for i in batch]) for batch in plan]
        try:
            done = await asyncio.gather(*map(asyncio.wrap_future, passes))
        finally:
            self._leave(len(texts), passes)
        vectors = np.empty((len(texts), model.dimensions), dtype=np.float32)
        for batch, result in zip(plan, done, strict=True):
            vectors[batch] = result.vectors
        return EmbeddedBatch(vectors=vectors, tokens=sum(result.tokens for result in done))

    def _loaded_and_warm(self) -> BatchEmbedder:
        model = self._load()
        model.embed_batch(["warm up"])  # the first pass allocates; nobody should wait for that
        return model

    def _admit(self, count: int) -> None:
        if self._waiting_texts and self._waiting_texts + count > self._max_waiting_texts:
            raise QueueFullError(
                f"{self._waiting_texts:,} texts wait to be embedded already; try again shortly.",
                retry_after_seconds=_RETRY_AFTER_S,
            )
        self._count(count)

    def _leave(self, count: int, passes: list[Future[EmbeddedBatch]]) -> None:
        for future in passes:
            future.cancel()
        self._count(-count)

    def _count(self, change: int) -> None:
        self._waiting_texts += change
        _WAITING.labels(self._name).set(self._waiting_texts)

    def _pass(self, model: BatchEmbedder, texts: list[str]) -> EmbeddedBatch:
        started = time.perf_counter()
        result = model.embed_batch(texts)
        _PASS_SECONDS.labels(self._name).observe(time.perf_counter() - started)
        _TEXTS.labels(self._name).inc(len(texts))
        _TOKENS.labels(self._name).inc(result.tokens)
        return result
