"""The platform's embedding model as the answer check's sense of meaning."""

from collections.abc import Sequence

from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("text_vectors")


class EmbeddedTexts:
    """Embeds a few short texts in one call."""

    def __init__(self, embedder: InferenceEmbedder) -> None:
        self._embedder = embedder

    async def of(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """A vector for each text; None while the model cannot be reached: then words alone decide."""
        try:
            return await self._embedder.embed_documents(texts)
        except PlatformError as error:
            _log.warning("meaning_not_compared", code=error.code, texts=len(texts))
            return None
