"""Bodies of the gateway's own API."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, field_validator

from services.gateway.domain.keys import ApiKey
from services.gateway.domain.roles import GIVEN, Role
from services.shared.contracts.frozen import Frozen


class NewKey(Frozen):
    """Make an API key."""

    name: str = Field(min_length=1, max_length=200, description="Who or what will use it.")
    role: Role = Field(default=Role.EDITOR, description="reader: asks and searches; editor: also changes documents.")

    @field_validator("role")
    @classmethod
    def _is_given(cls, value: Role) -> Role:
        if value not in GIVEN:
            raise ValueError("there is one operator; choose reader or editor")
        return value


class KeyView(Frozen):
    """A key without its secret."""

    id: str
    object: Literal["api_key"] = "api_key"
    name: str
    principal: str = Field(description="Whom requests with this key stand for, in access lists and logs.")
    role: Role = Field(description="What it may do: reader, editor or operator.")
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """The view of a key."""
        return cls(
            id=key.id,
            name=key.name,
            principal=key.principal,
            role=key.role,
            created_at=key.created_at,
            revoked_at=key.revoked_at,
        )


class CreatedKey(Frozen):
    """A new key; its secret is shown this once and kept nowhere."""

    key: str
    details: KeyView


class KeyList(Frozen):
    """`GET /api/keys`."""

    object: Literal["list"] = "list"
    data: list[KeyView]


class SessionView(Frozen):
    """Who is signed in."""

    object: Literal["session"] = "session"
    principal: str
    name: str = Field(description="The API key's name.")
    role: Role = Field(description="What it may do: reader, editor or operator.")
    operator: bool = Field(description="Whether it is the operator, who sees what others asked.")
