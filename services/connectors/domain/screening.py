"""Results of tools as text that can be cited: rendered, cleaned of what could pass for anything else, cut to size."""

import re
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from services.shared.contracts.tools import Material

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_TEMPLATE = re.compile(r"<\|?(?=[/\w]{1,40}\|?>)|\[/?INST\]", re.IGNORECASE)
_NUMBER = re.compile(r"\[(\d{1,4})\]")
_MOST_PIECES = 20


def material_of(tool: str, result: object, *, most_chars: int) -> list[Material]:
    """The result in pieces; together they have at most so many characters."""
    pieces, left = list[Material](), most_chars
    for piece in _pieces(tool, result):
        text = screened(piece.text)[:left]
        if text and len(pieces) < _MOST_PIECES:
            title, source = screened(piece.title)[:200], screened(piece.source)[:500]
            pieces.append(Material(title=" ".join(title.split()), source=" ".join(source.split()), text=text))
            left -= len(text)
    return pieces


def screened(text: str) -> str:
    """Text of an outside system without invisible characters, marks of chat templates, and numbers like citations."""
    visible = _INVISIBLE.sub("", text)
    return _NUMBER.sub(r"(\1)", _TEMPLATE.sub("(", visible)).strip()


def _pieces(tool: str, result: object) -> Iterator[Material]:
    if isinstance(result, list) and result and all(_material(each) for each in result):
        yield from (each for item in result if (each := _material(item)))
    elif single := _material(result):
        yield single
    elif text := _text(result):
        yield Material(title=tool, source=f"tool:{tool}", text=text)


def _material(value: object) -> Material | None:
    try:
        return Material.model_validate(value)
    except ValidationError:
        return None


def _text(result: object) -> str:
    if isinstance(result, str):
        return result
    if isinstance(result, Mapping) and isinstance(rows := result.get("rows"), list):
        return "\n".join(_row(each) for each in rows) if rows else "No rows were found."
    if isinstance(result, list):
        return "\n".join(_row(each) for each in result)
    return _row(result)


def _row(value: object) -> str:
    """One line: `id is A-17, status is shipped.`"""
    if not isinstance(value, Mapping):
        return str(value)
    return ", ".join(f"{name} is {said}" for name, said in _flat(value, "")) + "."


def _flat(value: Mapping[object, object], above: str) -> Iterator[tuple[str, str]]:
    for key, each in value.items():
        name = f"{above}{key}".replace("_", " ")
        if isinstance(each, Mapping):
            yield from _flat(each, f"{name} ")
        elif each is not None:
            yield name, str(each)
