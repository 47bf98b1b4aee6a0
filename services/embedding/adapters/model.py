"""The model this service serves: two lanes over it, opened in the background."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from services.embedding.adapters.lane import BatchEmbedder, Lane
from services.embedding.domain.requests import EmbeddingCall
from services.embedding.errors import ModelLoadingError, ModelNotFoundError
from services.shared.components.embedders.batching import EmbeddedBatch
from services.shared.components.embedders.openvino_model import OpenVinoEmbeddings, is_openvino_folder
from services.shared.kit.errors import InvalidRequestError
from services.shared.kit.telemetry import get_logger

_RETRY_LOADING_S = 5
_log = get_logger("model")


class ServedModel:
    """One model under one name. Small requests have their own lane: a query never waits behind an ingest."""

    def __init__(self, name: str, *, load: Callable[[], BatchEmbedder], max_waiting_texts: int) -> None:
        self.name = name
        self._small = Lane("small", load=load, max_waiting_texts=max_waiting_texts)
        self._bulk = Lane("bulk", load=load, max_waiting_texts=max_waiting_texts)
        self._failure: str | None = None

    async def open(self) -> None:
        """Load the model, again and again while that fails: the reason may be repaired while the service runs."""
        while True:
            try:
                await self._small.open()
                await self._bulk.open()
            except Exception as error:  # noqa: BLE001 - loaders raise anything; logged with its trace, shown by /readyz
                self._failure = f"The embedding model '{self.name}' cannot be loaded: {error}"
                _log.error("model_loading_failed", model=self.name, exc_info=error)
                await asyncio.sleep(_RETRY_LOADING_S)
            else:
                self._failure = None
                _log.info("model_loaded", model=self.name, dimensions=self._bulk.model.dimensions)
                return

    def close(self) -> None:
        """Drop what waits."""
        self._small.close()
        self._bulk.close()

    async def check(self) -> None:
        """Return when both lanes can embed.

        Raises:
            ModelLoadingError: they cannot yet; it says why when loading failed.
        """
        if self._failure is not None:
            raise ModelLoadingError(self._failure)
        _ = self._small.model, self._bulk.model

    @property
    def window_tokens(self) -> int:
        """Tokens of a text that count."""
        return self._small.model.window_tokens

    async def embed(self, call: EmbeddingCall) -> EmbeddedBatch:
        """The vectors of the call's texts, in their order.

        Raises:
            ModelNotFoundError: the call names another model.
            InvalidRequestError: it wants vectors of another length.
            ModelLoadingError, QueueFullError: not now.
        """
        if call.model != self.name:
            raise ModelNotFoundError(
                f"The embedding model '{call.model}' does not exist; available: {self.name}.", param="model"
            )
        await self.check()
        lane = self._small if call.is_small else self._bulk
        if call.dimensions not in {None, lane.model.dimensions}:
            raise InvalidRequestError(
                f"dimensions: {self.name} makes vectors of {lane.model.dimensions} numbers, not {call.dimensions}; "
                "leave the field out.",
                param="dimensions",
            )
        return await lane.embed(call.texts)


def loader(source: str, *, backend: str, threads: int) -> Callable[[], BatchEmbedder]:
    """Loads the model from its source when called; backend "auto" is OpenVINO where that can run the folder."""

    def load() -> BatchEmbedder:
        if backend == "openvino" or (backend == "auto" and is_openvino_folder(Path(source))):
            return OpenVinoEmbeddings(Path(source), threads=threads)
        # PyTorch takes seconds to import; the service answers health checks meanwhile.
        from services.shared.components.embedders.sentence_transformer import load_embeddings

        return load_embeddings(source, threads=threads)

    return load
