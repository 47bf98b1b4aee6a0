"""The base of everything that travels between processes."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: immutable, with no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
