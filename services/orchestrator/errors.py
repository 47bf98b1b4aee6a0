"""What can go wrong with a question, beyond the failures of other services."""

from pydantic_core import ErrorDetails

from services.shared.kit.errors import ContextLengthError, InvalidRequestError


def question_too_long(tokens: int, limit: int) -> ContextLengthError:
    """The question leaves no room for passages and answer in the model's window."""
    return ContextLengthError(
        f"The question is {tokens:,} tokens long; with this model and answer length at most {max(limit, 0):,} fit. "
        "Shorten it, or ingest the long text as a document and ask about it.",
        param="messages",
    )


def empty_question() -> InvalidRequestError:
    """There is nothing to search for."""
    return InvalidRequestError(
        "The last user message is empty; ask a question.", code="empty_question", param="messages"
    )


def not_with_retrieval(param: str) -> InvalidRequestError:
    """A request option that answers with retrieval do not take."""
    return InvalidRequestError(
        f"'{param}' is not available with rag/ models; use a plain model (see GET /v1/models) or leave it out.",
        code="unsupported_parameter",
        param=param,
    )


def wrong_option(detail: ErrorDetails) -> InvalidRequestError:
    """An entry of the request's `ragworks` field is unknown or has a value it cannot have."""
    name = ".".join(("ragworks", *map(str, detail["loc"])))
    return InvalidRequestError(f"{name}: {detail['msg']}, not {detail['input']!r}.", param=name)
