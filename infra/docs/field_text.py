"""One settings field as a row of a Markdown table: variable, default, kind of value, meaning."""

from datetime import timedelta
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

_KINDS: dict[object, str] = {
    bool: "`true` or `false`",
    int: "integer",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret text",
    timedelta: "duration (ISO 8601)",
}
_UNITS = {"S": "seconds", "BYTES": "bytes", "GIB": "GiB", "TOKENS": "tokens"}
_LISTS = (list, tuple, set, frozenset)


def row(variable: str, field: FieldInfo, *, repository: Path) -> str:
    """The row of one variable; paths below the repository are shown relative to it."""
    default = _default(field, repository, in_bytes=variable.endswith("_BYTES"))
    cells = [f"`{variable}`", default, _kind(variable, field), field.description or ""]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field: FieldInfo, repository: Path, *, in_bytes: bool) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == "":
        return ""
    if in_bytes and isinstance(value, int):
        return f"`{value}`{_binary(value)}"
    return f"`{_written(value, repository)}`"


def _written(value: object, repository: Path) -> str:
    """The value as it would stand in the environment."""
    if isinstance(value, Path) and value.is_relative_to(repository):
        return f"<repository>/{value.relative_to(repository)}"
    if isinstance(value, _LISTS):
        value = sorted(map(str, value))
    written = TypeAdapter[object](type(value)).dump_json(value).decode()
    return written.removeprefix('"').removesuffix('"').removesuffix(".0")


def _binary(size: int) -> str:
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size and size % factor == 0:
            return f" ({size // factor} {unit})"
    return ""


def _kind(variable: str, field: FieldInfo) -> str:
    suffix = variable.rsplit("_", maxsplit=1)[-1]
    parts = [_name_of(field.annotation), _UNITS.get(suffix, ""), _range(field)]
    return ", ".join(part for part in parts if part)


def _name_of(annotation: object) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin in {UnionType, Union}:
        return " or ".join(_name_of(kind) for kind in arguments if kind is not NoneType)
    if origin in _LISTS:
        return "JSON list of texts"
    if origin is dict:
        return "JSON object"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{choice.value}`" for choice in annotation)
    return _KINDS[annotation]


def _range(field: FieldInfo) -> str:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    limits = [(words[name], getattr(limit, name)) for limit in field.metadata for name in words if hasattr(limit, name)]
    return ", ".join(f"{word} {limit:g}" if isinstance(limit, float) else f"{word} {limit}" for word, limit in limits)
