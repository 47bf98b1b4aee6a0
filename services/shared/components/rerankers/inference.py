"""Reranking through the inference service, the only road to a model."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from services.shared.contracts.rerank import RerankAnswer, RerankRequest
from services.shared.kit.errors import UpstreamError, UpstreamTimeoutError
from services.shared.kit.http import ServiceClient

PATH = "/v1/rerank"


class InferenceReranker:
    """One reranker served behind the inference service."""

    def __init__(self, client: ServiceClient, model: str, *, timeout_s: float) -> None:
        self._client = client
        self.model = model
        self._timeout_s = timeout_s

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, in the order of the texts.

        Raises:
            PlatformError: it cannot be had, or not in time.
        """
        request = RerankRequest(model=self.model, query=query, documents=list(texts))
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.post_json(PATH, request.model_dump(mode="json", exclude_none=True))
            by_index = {each.index: each.relevance_score for each in RerankAnswer.model_validate(answer).results}
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"{self.model} ranked nothing within {self._timeout_s:g} s.") from error
        except ValidationError as error:
            raise UpstreamError(f"What {self.model} ranked could not be read: {error}.") from error
        if by_index.keys() != set(range(len(texts))):
            raise UpstreamError(f"{self.model} scored {len(by_index)} of {len(texts)} texts.")
        return [by_index[index] for index in range(len(texts))]
