"""Shapes of the inference service's own API."""

from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from services.shared.kit.paging import Page

T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """One page, in OpenAI's shape; pass `last_id` as `after` for the next."""

    model_config = ConfigDict(frozen=True)

    object: Literal["list"] = "list"
    data: list[T]
    first_id: str | None
    last_id: str | None
    has_more: bool

    @classmethod
    def of(cls, page: Page[T], *, id_of: Callable[[T], str]) -> "Listing[T]":
        """The page as the API shows it."""
        first, last = (id_of(page.items[0]), id_of(page.items[-1])) if page.items else (None, None)
        return cls(data=page.items, first_id=first, last_id=last, has_more=page.has_more)
