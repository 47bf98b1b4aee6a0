"""Prompt templates from files: those that come with the service, or an operator's own in their place."""

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from services.orchestrator.domain.templates import Example, PromptTemplate, PromptTemplates

_PACKAGED = Path(__file__).resolve().parents[1] / "prompts"
_PLACES = {"answer": ("passages", "question"), "phrase": ("text", "question"), "rewrite": ("earlier", "question")}
_VERSION_DIGITS = 8


class PromptFileError(ValueError):
    """A template cannot be used; the message names the file and what is wrong with it."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    system: str
    user: str
    examples: list[dict[str, str]] = []


def read_templates(folder: Path | None) -> PromptTemplates:
    """The templates; a file of the same name in the folder takes the place of one that comes with the service.

    Raises:
        PromptFileError: a file cannot be read, lacks a place, or the folder is not there.
    """
    if folder is not None and not folder.is_dir():
        raise PromptFileError(f"RAGWORKS_ORCHESTRATOR_PROMPTS: there is no folder {folder}.")
    return PromptTemplates(**{name: _read(_path(name, folder), name) for name in _PLACES})


def _path(name: str, folder: Path | None) -> Path:
    own = folder / f"{name}.toml" if folder is not None else None
    return own if own is not None and own.is_file() else _PACKAGED / f"{name}.toml"


def _read(path: Path, name: str) -> PromptTemplate:
    try:
        content = path.read_bytes()
        file = _File.model_validate(tomllib.loads(content.decode()))
    except OSError as error:
        raise PromptFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise PromptFileError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise PromptFileError(f"{path} is not a TOML file: {error}.") from error
    template = PromptTemplate(
        version=f"{name}@{hashlib.sha256(content).hexdigest()[:_VERSION_DIGITS]}",
        system=file.system.strip(),
        user=file.user.strip(),
        examples=[_example(path, each, _PLACES[name]) for each in file.examples],
    )
    _check_places(path, template, _PLACES[name])
    return template


def _check_places(path: Path, template: PromptTemplate, places: Sequence[str]) -> None:
    if template.places != frozenset(places):
        wanted = " and ".join(f"{{{place}}}" for place in places)
        raise PromptFileError(f"{path}: 'user' needs the places {wanted}, and no others.")


def _example(path: Path, fields: dict[str, str], places: Sequence[str]) -> Example:
    if fields.keys() != {*places, "answer"}:
        raise PromptFileError(f"{path}: each of the examples needs {', '.join(places)} and answer, and nothing else.")
    return Example({place: fields[place] for place in places}, fields["answer"])
