"""OpenAI's API shapes, as far as the platform serves them. Unknown request fields are kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class OpenAIRequest(BaseModel):
    """A request: fields we do not read are passed on."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())


class OpenAIObject(BaseModel):
    """A response object."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class TextPart(OpenAIRequest):
    """Text inside a message of several parts."""

    type: Literal["text", "input_text"]
    text: str


class ChatMessage(OpenAIRequest):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message's text, its parts joined by line ends."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or [])


class ChatRequest(OpenAIRequest):
    """`POST /v1/chat/completions`."""

    model: str = Field(min_length=1)
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool = False


class EmbeddingRequest(OpenAIRequest):
    """`POST /v1/embeddings`."""

    model: str = Field(min_length=1)
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


class Usage(OpenAIObject):
    """Tokens of one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


ModelState = Literal["up", "starting", "down"]


class Model(OpenAIObject):
    """An entry of `/v1/models`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    max_model_len: int | None = None
    state: ModelState | None = Field(default=None, description="Whether it can answer now, where that is known.")


class ModelList(OpenAIObject):
    """`GET /v1/models`."""

    object: Literal["list"] = "list"
    data: list[Model]


class FileObject(OpenAIObject):
    """An uploaded file."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["uploaded", "processed", "error"] = "uploaded"


class FileCounts(OpenAIObject):
    """Documents of a vector store by state."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class VectorStore(OpenAIObject):
    """A collection, as OpenAI's API shows it."""

    id: str
    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str
    usage_bytes: int
    file_counts: FileCounts
    status: Literal["expired", "in_progress", "completed"]
    last_active_at: int | None = None
    metadata: dict[str, str] = Field(default_factory=dict)


class FileError(OpenAIObject):
    """Why a vector-store file failed."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


VectorStoreFileStatus = Literal["in_progress", "completed", "cancelled", "failed"]


class VectorStoreFile(OpenAIObject):
    """A document of a vector store."""

    id: str
    object: Literal["vector_store.file"] = "vector_store.file"
    created_at: int
    usage_bytes: int
    vector_store_id: str
    status: VectorStoreFileStatus
    last_error: FileError | None = None
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)


class VectorStoreFileBatch(OpenAIObject):
    """Files that were added to a vector store together."""

    id: str
    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: VectorStoreFileStatus
    file_counts: FileCounts


class Deleted(OpenAIObject):
    """The answer to a delete."""

    id: str
    object: str
    deleted: bool = True


class Citation(OpenAIObject):
    """Where claims of an answer come from: the `citations` extension of a message.

    A passage has one number; it is listed once for each place of it that is quoted.
    """

    number: int = Field(ge=1, description="The number in square brackets in the answer.")
    chunk_id: str
    document_id: str
    file_id: str | None
    title: str
    source: str
    page: int | None = Field(description="Page the passage starts on.")
    char_start: int = Field(description="Start of `quote` in the document, in characters.")
    char_end: int = Field(description="End of `quote` (exclusive), in characters.")
    quote: str = Field(description="The sentences that support the answer, exactly as they stand in the document.")
    support: float = Field(ge=0, le=1, description="How well the quote covers what it is cited for.")
    chunk_char_start: int = Field(description="Start of the passage that was read, in characters of the document.")
    chunk_char_end: int
    score: float = Field(description="How well the passage matches the question.")
