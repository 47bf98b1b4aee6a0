"""What this service refuses, beyond the platform's tree."""

from collections.abc import Iterable, Sequence

from services.shared.kit.errors import ConflictError, InvalidRequestError, NotFoundError

_NAMES_SHOWN = 20


class CollectionNotFoundError(NotFoundError):
    """Nobody made a collection of this name or id."""

    default_code = "collection_not_found"


class OtherEmbeddingModelError(ConflictError):
    """The collection's vectors come from a model that is not the one served."""

    default_code = "embedding_model_mismatch"


def collection_not_found(id_or_name: str, existing: Sequence[str]) -> CollectionNotFoundError:
    """The refusal, naming the collections that exist."""
    shown = ", ".join(sorted(existing)[:_NAMES_SHOWN]) or "none"
    more = f" and {len(existing) - _NAMES_SHOWN} more" if len(existing) > _NAMES_SHOWN else ""
    return CollectionNotFoundError(
        f"The collection '{id_or_name}' does not exist; existing collections: {shown}{more}.", param="collection"
    )


def no_reranker() -> InvalidRequestError:
    """The refusal of a search that insists on a reranker."""
    return InvalidRequestError(
        "rerank: the platform has no reranker; leave the field out, or set RAGWORKS_RERANKER_MODEL.",
        param="rerank",
        code="no_reranker",
    )


def models_differ(collections: Sequence[str], models: Iterable[str]) -> InvalidRequestError:
    """The refusal to compare vectors of different models."""
    return InvalidRequestError(
        f"The collections {', '.join(collections)} were embedded with different models ({', '.join(sorted(models))}), "
        "whose vectors cannot be compared; search them one after the other.",
        param="collection",
        code="embedding_models_differ",
    )
