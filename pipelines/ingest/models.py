"""The embedding models of collections: their embedders and their tokenizers, made when first needed."""

from functools import cache

from pipelines.ingest.settings import IngestSettings
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.kit.http import ServiceClient


class ServedModels:
    """Models behind the inference service; which of them it serves, it says when it is asked to embed."""

    def __init__(self, inference: ServiceClient, settings: IngestSettings) -> None:
        self._inference = inference
        self._settings = settings
        self._tokens = cache(self._read_tokenizer)

    def embedder(self, model: str) -> InferenceEmbedder:
        """What makes the model's vectors."""
        return InferenceEmbedder(self._inference, model)

    def tokens(self, model: str) -> TokenCounter:
        """The model's own tokenizer.

        Raises:
            FileNotFoundError: it is not on this machine.
        """
        return self._tokens(model)

    def _read_tokenizer(self, model: str) -> TokenCounter:
        path = self._settings.tokenizer_of(model)
        if not path.is_file():
            raise FileNotFoundError(f"The tokenizer of '{model}' is not on this machine: there is no {path}.")
        return TokenCounter(path)
