"""Requests and listings of this service's API that no other service reads."""

from collections.abc import Mapping
from typing import Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

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


class BatchFile(OpenAIRequest):
    """A file of a batch."""

    file_id: str
    attributes: dict[str, str | float | bool] | None = None
    chunking_strategy: Mapping[str, object] | None = None


class CreateFileBatch(OpenAIRequest):
    """`POST /v1/vector_stores/{id}/file_batches`: `file_ids`, or `files` with attributes of their own."""

    file_ids: list[str] | None = Field(default=None, min_length=1, max_length=2_000)
    files: list[BatchFile] | None = Field(default=None, min_length=1, max_length=2_000)
    attributes: dict[str, str | float | bool] | None = None
    chunking_strategy: Mapping[str, object] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.file_ids is None) == (self.files is None):
            raise PydanticCustomError("one_of", "give either 'file_ids' or 'files'")
        strategies = [self.chunking_strategy, *(each.chunking_strategy for each in self.files or [])]
        if any(each is not None and each.get("type") != "auto" for each in strategies):
            raise PydanticCustomError(
                "chunking_strategy",
                "a collection cuts all its documents in one way, chosen when it is made; "
                "leave 'chunking_strategy' out, or use the type 'auto'",
            )
        return self

    def wanted(self) -> list[BatchFile]:
        """The files, each with its attributes."""
        if self.files is not None:
            return self.files
        return [BatchFile(file_id=each, attributes=self.attributes) for each in self.file_ids or []]
