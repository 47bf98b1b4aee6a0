"""What an operator declares of a connector."""

import re
from typing import Any

from pydantic import Field, field_validator

from services.shared.contracts.chunks import EVERYONE
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.principals import OPERATOR

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class QuestionPattern(Frozen):
    """A question that leads to a tool; `{name}` in it is an argument."""

    tool: str
    ask: str = Field(min_length=3, max_length=300)
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])


class Declared(Frozen):
    """A connector as the operator declares it."""

    name: str
    kind: str
    config: dict[str, Any] = Field(default_factory=dict[str, Any])
    allow: tuple[str, ...] = ()
    """Principals who may use it; the operator alone when empty, every key with `everyone`."""
    collections: tuple[str, ...] = ("*",)
    """Collections whose questions may use it."""
    hosts: frozenset[str] = frozenset()
    """The only hosts it may ask; any public one when empty."""
    per_second: float = Field(default=10, gt=0, le=1_000)
    timeout_s: float = Field(default=15, gt=0, le=300)
    costs: dict[str, float] = Field(default_factory=dict[str, float])
    """What a call of a tool costs, in one currency for all."""
    questions: tuple[QuestionPattern, ...] = ()

    def sees(self, principal: str | None) -> bool:
        """Whether the principal may use it for some collection."""
        allowed = {OPERATOR, *self.allow}
        return principal in allowed or (principal is not None and EVERYONE in allowed)

    def allows(self, principal: str | None, collection: str | None) -> bool:
        """Whether the principal may use it for this collection, or for all of `a+b`; for none if it may for any."""
        asked = re.split("[+,]", collection) if collection else [""]
        for_it = "*" in self.collections or set(asked) <= set(self.collections)
        return self.sees(principal) and (for_it or (collection is None and principal == OPERATOR))

    @field_validator("name")
    @classmethod
    def _is_plain(cls, value: str) -> str:
        if not _NAME.fullmatch(value) or "__" in value:
            raise ValueError("must be made of small letters, digits, - and single _, at most 40")
        return value
