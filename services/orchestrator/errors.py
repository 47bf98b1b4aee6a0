"""What can go wrong with a question or a record, beyond the failures of other services."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from services.shared.kit.errors import ConflictError, ContextLengthError, InvalidRequestError, NotFoundError


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


def no_such_record(record_id: str) -> NotFoundError:
    """Nothing is kept of an answer of this id, or it is another principal's."""
    return NotFoundError(
        f"There is no record '{record_id}'; the id of an answer is its 'id', and GET /api/records lists what is kept.",
        code="record_not_found",
        param="record_id",
    )


def no_such_citation(number: int, cited: Sequence[int]) -> InvalidRequestError:
    """The answer does not cite what is called wrong."""
    numbers = ", ".join(map(str, cited)) or "no passage"
    return InvalidRequestError(
        f"The answer has no citation [{number}]; it cites {numbers}.",
        code="citation_not_found",
        param="wrong_citations",
    )


def no_such_response(response_id: str) -> NotFoundError:
    """No response of this id is kept, or it is another principal's."""
    return NotFoundError(
        f"There is no response '{response_id}'; it was deleted, has expired, or was made with store=false.",
        code="response_not_found",
        param="previous_response_id",
    )


def no_such_conversation(conversation_id: str) -> NotFoundError:
    """No conversation of this id is kept, or it is another principal's."""
    return NotFoundError(
        f"There is no conversation '{conversation_id}'; GET /api/conversations lists them.",
        code="conversation_not_found",
        param="conversation",
    )


def conversation_is_gone(conversation_id: str) -> ConflictError:
    """A conversation was deleted while an answer in it was made."""
    return ConflictError(f"The conversation '{conversation_id}' was deleted meanwhile; the answer is not kept.")


def needs_a_collection(model: str) -> InvalidRequestError:
    """A plain model is asked without anything to search."""
    return InvalidRequestError(
        f"'{model}' is a plain model: name a model rag/<collection>, or give one tool "
        '{"type": "file_search", "vector_store_ids": ["<collection>"]}; without documents, ask /v1/chat/completions.',
        code="no_collection",
        param="tools",
    )


def one_search_only() -> InvalidRequestError:
    """More is to be searched than one collection."""
    return InvalidRequestError(
        "An answer searches one collection: give a plain model one file_search tool with one of 'vector_store_ids', "
        "and a rag/ model none, as it searches its own.",
        code="one_collection_only",
        param="tools",
    )
