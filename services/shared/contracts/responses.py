"""OpenAI's Responses API as far as the platform serves it, and conversations as it keeps them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.openai import OpenAIRequest
from services.shared.contracts.search import SearchFilter

MOST_RESULTS = 50
MOST_TITLE_CHARS = 200


class InputPart(OpenAIRequest):
    """A piece of a message's text."""

    type: Literal["input_text", "output_text", "text"]
    text: str


class InputMessage(OpenAIRequest):
    """A message of the input."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[InputPart]

    @property
    def text(self) -> str:
        """The message's text, its parts joined by line ends."""
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class InputSearch(OpenAIRequest):
    """A search of an earlier answer that a client sends back; it says nothing new."""

    type: Literal["file_search_call"]


def _kind(item: Any) -> str:  # noqa: ANN401 - whatever a client sends
    kind = item.get("type", "message") if isinstance(item, dict) else getattr(item, "type", "message")
    return str(kind)


InputItem = Annotated[
    Annotated[InputMessage, Tag("message")] | Annotated[InputSearch, Tag("file_search_call")], Discriminator(_kind)
]


class FileSearchTool(OpenAIRequest):
    """The tool that searches a collection."""

    type: Literal["file_search"]
    vector_store_ids: list[str] = Field(min_length=1, description="Id or name of one collection.")
    max_num_results: int | None = Field(default=None, ge=1, le=MOST_RESULTS)
    filters: SearchFilter | None = None


class LiveTool(OpenAIRequest):
    """A connector whose tools may be called where the question fits its patterns."""

    type: Literal["mcp"]
    server_label: str = Field(min_length=1, description="Name of the connector.")


Tool = Annotated[FileSearchTool | LiveTool, Field(discriminator="type")]


class ConversationRef(OpenAIRequest):
    """A conversation named by its id."""

    id: str
    from_start: bool = Field(
        default=False, description="Ours: begin it again, behind none of its responses, instead of behind the newest."
    )


class ResponsesRequest(OpenAIRequest):
    """`POST /v1/responses`."""

    model: str = Field(min_length=1)
    input: str | list[InputItem]
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | ConversationRef | None = None
    store: bool | None = None
    stream: bool | None = None
    tools: list[Tool] | None = None
    include: list[str] | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = None
    top_p: float | None = None
    metadata: dict[str, str] | None = None

    @property
    def messages(self) -> list[InputMessage]:
        """The input as messages."""
        if isinstance(self.input, str):
            return [InputMessage(role="user", content=self.input)]
        return [item for item in self.input if isinstance(item, InputMessage)]


class TurnMessage(Frozen):
    """A message of a conversation."""

    role: Literal["user", "assistant", "system", "developer"]
    text: str


class Turn(Frozen):
    """What was said to the platform, and its answer."""

    response_id: str
    previous_response_id: str | None
    created_at: datetime
    deleted: bool = Field(description="Its words are gone; it only holds its place.")
    messages: list[TurnMessage]


class RenameConversation(Frozen):
    """`PATCH /api/conversations/{id}`."""

    title: str = Field(max_length=MOST_TITLE_CHARS, description="What it is called from now on.")


class Conversation(Frozen):
    """A conversation as a listing shows it."""

    id: str
    principal: str | None
    collection: str
    title: str = Field(description="The beginning of its first question, until it is renamed.")
    created_at: datetime
    updated_at: datetime
    turns: int


class ConversationInFull(Conversation):
    """A conversation with all that was said, oldest first."""

    said: list[Turn]
