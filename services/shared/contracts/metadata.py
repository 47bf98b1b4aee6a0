"""Which attributes the documents of a collection have, and of which types."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from services.shared.contracts.frozen import Frozen

AttributeKey = Annotated[str, Field(pattern=r'^[^"]{1,64}$')]
MOST_FIELDS = 64


class FieldType(StrEnum):
    """What values an attribute has."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class MetadataField(Frozen):
    """One attribute."""

    type: FieldType = Field(description="Dates are strings as in ISO 8601; without a zone they are UTC.")
    required: bool = Field(default=False, description="Whether every document must have it.")
    values: list[str] | None = Field(
        default=None, min_length=1, max_length=1_000, description="The only values it may have; for strings."
    )

    @model_validator(mode="after")
    def _values_are_strings(self) -> "MetadataField":
        if self.values is not None and self.type is not FieldType.STRING:
            raise ValueError("only a field of the type 'string' has 'values'")
        return self


class MetadataSchema(Frozen):
    """The attributes of a collection's documents: what is not so is refused before it is ingested or asked for."""

    fields: dict[AttributeKey, MetadataField] = Field(min_length=1, max_length=MOST_FIELDS)
    others: bool = Field(default=False, description="Whether documents may have attributes that are not named here.")
