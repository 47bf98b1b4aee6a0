"""Requests and listings of this service's API that no other service reads."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from services.shared.contracts.openai import OpenAIRequest

T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """One page, in OpenAI's shape; pass `last_id` as `after` for the next."""

    model_config = ConfigDict(frozen=True)

    object: Literal["list"] = "list"
    data: list[T]
    first_id: str | None
    last_id: str | None
    has_more: bool


class CreateVectorStore(OpenAIRequest):
    """`POST /v1/vector_stores`."""

    name: str | None = None
    metadata: dict[str, str] | None = None
    file_ids: list[str] = Field(default_factory=list[str], max_length=10_000)
    expires_after: dict[str, object] | None = None


class UpdateVectorStore(OpenAIRequest):
    """`POST /v1/vector_stores/{id}`."""

    name: str | None = None
    metadata: dict[str, str] | None = None
    expires_after: dict[str, object] | None = None


class AddFile(OpenAIRequest):
    """`POST /v1/vector_stores/{id}/files`."""

    file_id: str
    attributes: dict[str, str | float | bool] | None = None
