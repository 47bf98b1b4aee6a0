"""Reads the catalogue's file; what is wrong with it is said with its line."""

import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from services.inference.domain.models import Catalogue

_PLACE = re.compile(r"(?:models\.(?P<model>\d+)|slo\.(?P<level>[^.]+))(?:\.(?P<key>\w+))?")
_MODELS = re.compile(r"\s*\[\[\s*models\s*\]\]")


class ModelsFileError(ValueError):
    """The file cannot be used; the message says where and why."""


def read_models_file(path: Path) -> Catalogue:
    """The catalogue in a TOML file.

    Raises:
        ModelsFileError: it is not there, is not TOML, or declares what cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelsFileError(
            f"RAGWORKS_INFERENCE_MODELS: {path} cannot be read ({error}); name a TOML file or unset it."
        ) from error
    try:
        return Catalogue.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ModelsFileError(f"{path}: {error}.") from error
    except ValidationError as error:
        raise ModelsFileError(_explain(path, text, error)) from error


def _explain(path: Path, text: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"])
    found = _PLACE.match(place) or _PLACE.match(message)
    line = _line_of(text, found) if found else None
    said = "is not a setting of this table; see docs/models.md" if first["type"] == "extra_forbidden" else message
    return f"{path}{f', line {line}' if line else ''}: {f'{place}: ' if place else ''}{said}."


def _line_of(text: str, place: re.Match[str]) -> int | None:
    """The line of a key in its table, else that where its table begins."""
    model, level, key = place["model"], place["level"], place["key"]
    table = re.compile(rf"\s*\[\s*slo\.{re.escape(level)}\s*\]") if level else _MODELS
    tables_left = int(model) if model else 0
    start = None
    for number, line in enumerate(text.splitlines(), start=1):
        if table.match(line):
            start = number if tables_left == 0 else start
            tables_left -= 1
        elif start and tables_left < 0 and _ends(line, tables_left):
            break
        elif start and key and re.match(rf"\s*(\[+\s*models\.)?{re.escape(key)}\b", line):
            return number
    return start


def _ends(line: str, tables_left: int) -> bool:
    return tables_left < -1 or bool(re.match(r"\s*\[+\s*(?!\[?models\.)", line))
