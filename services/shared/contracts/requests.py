"""Requests to models as they are kept: `/api/inference/requests`."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.frozen import Frozen

REQUESTS = "/api/inference/requests"
RECORD_HEADER = "x-ragworks-record"
"""With it one of the platform's services says how much of its request may be kept, in `RecordLevel`'s words."""


class Flag(StrEnum):
    """Why a request is worth a look."""

    LENGTH = "length"
    """The answer was cut off by a limit of tokens."""
    EMPTY = "empty_output"
    """It ended well, and said nothing."""
    REPETITION = "repetition"
    """It ends in a loop."""
    ERROR = "error"
    """It failed, or broke off."""
    LEFT = "client_left"
    SLOW = "slow"
    """It missed a target of its class."""
    LONG_PROMPT = "long_prompt"
    """The prompt takes three quarters of the model's window, or more."""
    TAKEOVER = "takeover"
    """Another replica or model had to step in."""


class RequestUsage(Frozen):
    """Tokens, as far as the model server reported them."""

    prompt_tokens: int
    cached_tokens: int = Field(description="Those of the prompt that were in the replica's prefix cache.")
    completion_tokens: int


class RequestTimings(Frozen):
    """Milliseconds, as the inference service saw them; null where there is no such time."""

    queue_ms: float | None = Field(description="The wait for a place at a replica, where places are counted.")
    ttft_ms: float | None = Field(description="To the first chunk of a streamed answer, the wait included.")
    itl_ms: float | None = Field(description="Per token after the first one of a streamed answer.")
    e2e_ms: float


class RequestSummary(Frozen):
    """A request as a listing shows it."""

    id: str
    request_id: str | None = Field(description="Its transaction id, as logs, traces and records have it.")
    created_at: datetime
    principal: str | None = Field(description="Whose API key asked; null for the platform itself.")
    operation: str = Field(description="`chat` or `text_completion`.")
    model: str = Field(description="The model, alias or adapter that was asked for.")
    served_model: str | None = Field(description="The declared model that served it.")
    replica: str | None = Field(description="The address of the replica that served it last.")
    streamed: bool
    slo_class: str | None
    level: RecordLevel
    finish_reason: str | None
    error_code: str | None
    flags: list[Flag]
    usage: RequestUsage | None
    timings: RequestTimings
    cost: float | None = Field(description="By the prices of the catalogue; null where it has none.")


class RequestOutput(Frozen):
    """One choice of an answer, put together again where it was streamed."""

    index: int = 0
    content: str = ""
    reasoning: str = ""
    tool_calls: list[dict[str, object]] = Field(default_factory=list[dict[str, object]])
    finish_reason: str | None = None


class LoggedRequest(RequestSummary):
    """Everything that is kept of a request. `body` and `outputs` are null where no words are kept."""

    parameters: dict[str, object] = Field(description="What the request set that is no text: numbers and switches.")
    prompt_digest: str | None = Field(description="Equal for equal prompts; keyed, so it tells nothing else.")
    body: dict[str, object] | None = Field(description="The request as it came.")
    outputs: list[RequestOutput] | None
    without: str | None = Field(default=None, description="Why words that could be kept are not: too_large, redactor.")
