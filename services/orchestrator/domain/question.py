"""A chat request seen as a question to a collection."""

from dataclasses import dataclass, field

from pydantic import ValidationError

from services.orchestrator.errors import empty_question, not_with_retrieval, wrong_option
from services.shared.contracts.answers import AnswerOptions
from services.shared.contracts.openai import ChatMessage, ChatRequest
from services.shared.contracts.search import SearchFilter
from services.shared.contracts.tools import ToolCall
from services.shared.kit.errors import InvalidRequestError

RAG_PREFIX = "rag/"

_PASSED_ON = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "repetition_penalty",
        "logit_bias",
        "user",
    }
)
_DEFAULTS: dict[str, object] = {"temperature": 0}  # no stop string: vLLM would hold back the first text for it
_REFUSED = ("functions", "response_format", "logprobs", "audio", "modalities")


@dataclass(frozen=True)
class Question:
    """What is asked of which collection, with what came before and how to generate."""

    collection: str
    text: str
    system: str
    history: tuple[ChatMessage, ...]
    sampling: dict[str, object]
    answer_tokens: int
    include_usage: bool
    store: bool = True
    """OpenAI's; false: no word of it is kept."""
    model: str | None = None
    """The model that is to answer; None: the platform's choice."""
    passages: int | None = None
    """How many to look for; None: as the platform's setting says."""
    filters: SearchFilter | None = None
    options: AnswerOptions = field(default_factory=AnswerOptions)
    connectors: tuple[str, ...] = ()
    """Connectors whose tools may be called where the question fits their patterns."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Calls of tools that the request names."""
        return self.options.tools


def read_question(request: ChatRequest, *, default_answer_tokens: int) -> Question:
    """The question in a request for a `rag/<collection>` model.

    Raises:
        InvalidRequestError: there is no question, or an option that retrieval does not take.
    """
    extra = request.model_extra or {}
    _refuse_unsupported(extra)
    *history, last = [message for message in request.messages if message.role not in {"system", "developer"}] or [None]
    if last is None or last.role != "user" or not last.text.strip():
        raise empty_question()
    sampling: dict[str, object] = {name: extra[name] for name in _PASSED_ON if extra.get(name) is not None}
    return Question(
        collection=request.model.removeprefix(RAG_PREFIX),
        text=last.text.strip(),
        system="\n".join(m.text for m in request.messages if m.role in {"system", "developer"}),
        history=tuple(message for message in history if message is not None),
        sampling=_DEFAULTS | sampling,
        answer_tokens=_answer_tokens(extra) or default_answer_tokens,
        include_usage=_wants_usage(extra),
        store=_wants_storing(extra),
        options=_options(extra.get("ragworks")),
        connectors=_connectors(extra.get("tools")),
    )


def _refuse_unsupported(extra: dict[str, object]) -> None:
    for name in _REFUSED:
        if extra.get(name) not in (None, [], False, {"type": "text"}):
            raise not_with_retrieval(name)
    if extra.get("n") not in (None, 1):
        raise not_with_retrieval("n")


def _answer_tokens(extra: dict[str, object]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = extra.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidRequestError(f"{name}: must be a positive number of tokens, not {value!r}.", param=name)
        return value
    return None


def _options(given: object) -> AnswerOptions:
    try:
        return AnswerOptions.model_validate(given if given is not None else {})
    except ValidationError as error:
        raise wrong_option(error.errors()[0]) from error


def _connectors(tools: object) -> tuple[str, ...]:
    """OpenAI's tools of type `mcp`: the labels are names of connectors; the platform goes to no server by address."""
    found: list[str] = []
    for each in tools if isinstance(tools, list) else [tools] if tools else []:
        match each:
            case {"type": "mcp", "server_label": str(name), **more} if "server_url" not in more:
                found.append(name)
            case _:
                raise not_with_retrieval("tools")
    return tuple(found)


def _wants_usage(extra: dict[str, object]) -> bool:
    options = extra.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


def _wants_storing(extra: dict[str, object]) -> bool:
    match extra.get("store"):
        case None | True:
            return True
        case False:
            return False
        case other:
            raise InvalidRequestError(f"store: must be true or false, not {other!r}.", param="store")
