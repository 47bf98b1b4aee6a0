"""Which fields of a chunk's payload have an index of their own: those that filters and look-ups ask for."""

import re
from collections.abc import Mapping

from qdrant_client import models

from services.shared.contracts.metadata import FieldType, MetadataSchema

_KEYWORD, _BOOL = models.PayloadSchemaType.KEYWORD, models.PayloadSchemaType.BOOL
_INDEXED_FIELDS: Mapping[str, models.PayloadSchemaType] = {
    "document_id": _KEYWORD,
    "document_version": _KEYWORD,
    "file_id": _KEYWORD,
    "access": _KEYWORD,
    "source": _KEYWORD,
    "hidden": _BOOL,
    "language": _KEYWORD,
}
_ATTRIBUTE_INDEXES = {
    FieldType.STRING: _KEYWORD,
    FieldType.BOOLEAN: _BOOL,
    FieldType.NUMBER: models.PayloadSchemaType.FLOAT,
    FieldType.DATE: models.PayloadSchemaType.DATETIME,
}
_PLAIN_KEY = re.compile(r"[\w-]+", re.ASCII)


def indexed_fields(attributes: MetadataSchema | None = None) -> dict[str, models.PayloadSchemaType]:
    """The fields and the kinds of their indexes, under the names that Qdrant has for them."""
    fields = {} if attributes is None else attributes.fields
    keys = {key: key if _PLAIN_KEY.fullmatch(key) else f'"{key}"' for key in fields}
    own = {f"attributes.{keys[key]}": _ATTRIBUTE_INDEXES[field.type] for key, field in fields.items()}
    return {**_INDEXED_FIELDS, **own}
