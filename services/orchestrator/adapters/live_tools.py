"""The connectors service as the answer graph's source of live material."""

import asyncio
from datetime import UTC, datetime

from services.orchestrator.domain.live import live_passages
from services.orchestrator.domain.question import Question
from services.shared.contracts.search import Passage
from services.shared.contracts.tools import CallRequest, CallResult, Selected, SelectRequest, ToolCall
from services.shared.kit.errors import InvalidRequestError
from services.shared.kit.http import ServiceClient

MOST_CALLS = 5


class LiveTools:
    """Asks for calls in the name of the principal; whether they are made is the service's decision."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def passages(self, question: Question) -> list[Passage]:
        """What the tools said that the request names, or that its connectors' patterns find in the question.

        Raises:
            PlatformError: a call was refused or failed: an answer without it would look complete.
        """
        calls = [*question.calls, *await self._selected(question)]
        if len(calls) > MOST_CALLS:
            message = f"The question asks for {len(calls)} calls of tools; at most {MOST_CALLS} are made."
            raise InvalidRequestError(message, code="too_many_calls", param="tools")
        results = await asyncio.gather(*(self._call(each, question) for each in calls))
        now = datetime.now(UTC)
        return [one for each in results for one in live_passages(each, collection=question.collection, at=now)]

    async def _selected(self, question: Question) -> list[ToolCall]:
        if not question.connectors:
            return []
        request = SelectRequest(
            question=question.text, connectors=list(question.connectors), collection=question.collection
        )
        answer = await self._client.post_json("/internal/tools/select", request.model_dump(mode="json"))
        return Selected.model_validate(answer).calls

    async def _call(self, call: ToolCall, question: Question) -> CallResult:
        request = CallRequest(arguments=call.arguments, approval=call.approval, collection=question.collection)
        path = f"/api/tools/{call.name}/call"
        return CallResult.model_validate(await self._client.post_json(path, request.model_dump(mode="json")))
