"""A request of the Responses API seen as a question, and what of it a conversation keeps."""

from collections.abc import Sequence

from pydantic import ValidationError

from services.orchestrator.domain.question import RAG_PREFIX
from services.orchestrator.errors import needs_a_collection, not_with_retrieval, one_search_only
from services.shared.contracts.openai import ChatMessage, ChatRequest
from services.shared.contracts.responses import FileSearchTool, LiveTool, ResponsesRequest, TurnMessage
from services.shared.kit.errors import InvalidRequestError

_PASSED_ON = ("temperature", "top_p", "seed", "stop", "top_k", "user", "ragworks")
_REFUSED = ("background", "prompt", "max_tool_calls", "top_logprobs")
_CHOICES = (None, "auto", "required", {"type": "file_search"})


def search_of(request: ResponsesRequest) -> FileSearchTool | None:
    """The search that a plain model is given; None for a `rag/` model, which searches its own collection.

    Raises:
        InvalidRequestError: there is nothing to search, or more than one collection.
    """
    tools = [each for each in request.tools or [] if isinstance(each, FileSearchTool)]
    if request.model.startswith(RAG_PREFIX):
        if tools:
            raise one_search_only()
        return None
    if not tools:
        raise needs_a_collection(request.model)
    if len(tools) > 1 or len(tools[0].vector_store_ids) > 1:
        raise one_search_only()
    return tools[0]


def chat_request(request: ResponsesRequest, collection: str, history: Sequence[TurnMessage]) -> ChatRequest:
    """The same question as a chat request, behind what was said before.

    Raises:
        InvalidRequestError: the request has an option that answers with retrieval do not take.
    """
    extra = request.model_extra or {}
    _refuse_unsupported(extra)
    given = {**extra, "temperature": request.temperature, "top_p": request.top_p}
    instructions = [ChatMessage(role="system", content=request.instructions)] if request.instructions else []
    live = [each.model_dump() for each in request.tools or [] if isinstance(each, LiveTool)]
    said = [ChatMessage(role=each.role, content=each.text) for each in (*history, *request.messages)]
    if not said:
        raise InvalidRequestError("The input has no message; ask a question.", code="empty_question", param="input")
    try:
        return ChatRequest.model_validate(
            {
                "model": RAG_PREFIX + collection,
                "messages": [*instructions, *said],
                "max_tokens": request.max_output_tokens,
                "store": request.store,
                "tools": live,
                **{name: given[name] for name in _PASSED_ON if given.get(name) is not None},
            }
        )
    except ValidationError as error:
        raise InvalidRequestError(f"{error.errors()[0]['msg']}.") from error


def turn_messages(request: ResponsesRequest) -> list[TurnMessage]:
    """What a conversation keeps of the input."""
    return [TurnMessage(role=message.role, text=message.text) for message in request.messages]


def _refuse_unsupported(extra: dict[str, object]) -> None:
    for name in _REFUSED:
        if extra.get(name) not in (None, False, 0):
            raise not_with_retrieval(name)
    if extra.get("tool_choice") not in _CHOICES:
        raise not_with_retrieval("tool_choice")
    match extra.get("text"):
        case {"format": {"type": kind}} if kind != "text":
            raise not_with_retrieval("text.format")
        case _:
            pass
