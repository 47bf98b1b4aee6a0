"""The retrieval service as the answer graph's retriever."""

from services.shared.contracts.search import SearchRequest, SearchResponse
from services.shared.kit.http import ServiceClient


class RetrievalService:
    """Searches over HTTP."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def search(self, request: SearchRequest) -> SearchResponse:
        """Passages of a collection, best first; raises NotFoundError for an unknown collection."""
        answer = await self._client.post_json("/internal/search", request.model_dump(mode="json"))
        return SearchResponse.model_validate(answer)
