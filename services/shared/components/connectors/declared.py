"""The file that declares connectors, and how they are opened."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from services.shared.components.connectors.connector import Connector, Surroundings, config_model
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.http import HttpClient, HttpLimits
from services.shared.components.connectors.registry import UnknownKindError, connector_class
from services.shared.components.connectors.secrets import Secrets
from services.shared.contracts.frozen import Frozen

_TABLE = re.compile(r"\s*\[\[\s*connectors\s*\]\]")


class ConnectorsFileError(ValueError):
    """The file cannot be used; the message says where and why."""


class ConnectorsFile(Frozen):
    """All of them."""

    connectors: tuple[Declared, ...] = ()

    @model_validator(mode="after")
    def _has_each_once(self) -> Self:
        names = [each.name for each in self.connectors]
        twice = next((name for position, name in enumerate(names) if name in names[:position]), None)
        if twice:
            raise ValueError(f"connectors: '{twice}' is declared twice")
        return self


@dataclass(frozen=True)
class Conditions:
    """What the operator allows every connector."""

    secrets: Secrets
    private_hosts: frozenset[str] = frozenset()
    max_bytes: int = 2_000_000


def read_connectors_file(path: Path) -> tuple[Declared, ...]:
    """The connectors of a TOML file, their configs checked by their kinds, which have to be installed.

    Raises:
        ConnectorsFileError: it is not there, is not TOML, or declares what cannot be.
    """
    declared, text = read_declarations(path), _read(path)
    for position, each in enumerate(declared):
        _check(path, text, position, each)
    return declared


def read_declarations(path: Path) -> tuple[Declared, ...]:
    """The connectors of a TOML file, whatever their configs say; raises as `read_connectors_file`."""
    text = _read(path)
    try:
        return ConnectorsFile.model_validate(tomllib.loads(text)).connectors
    except tomllib.TOMLDecodeError as error:
        raise ConnectorsFileError(f"{path}: {error}.") from error
    except ValidationError as error:
        raise ConnectorsFileError(f"{path}{_explain(text, error, above=())}") from error


def open_connector(declared: Declared, conditions: Conditions) -> Connector[Any]:
    """A connector that was declared; it connects when it is first asked.

    Raises:
        ValidationError, UnknownKindError: what `read_connectors_file` would have refused.
    """
    kind = connector_class(declared.kind)
    limits = HttpLimits(max_bytes=conditions.max_bytes, timeout_s=declared.timeout_s, per_second=declared.per_second)
    client = HttpClient(hosts=declared.hosts, private_hosts=conditions.private_hosts, limits=limits)
    config = config_model(kind).model_validate(declared.config)
    return kind(config, Surroundings(http=client, secrets=conditions.secrets))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectorsFileError(f"{path} cannot be read ({error}); name a TOML file, or unset it.") from error


def _check(path: Path, text: str, position: int, declared: Declared) -> None:
    try:
        config_model(connector_class(declared.kind)).model_validate(declared.config)
    except UnknownKindError as error:
        raise ConnectorsFileError(f"{path}, line {_line(text, position)}: {error}") from error
    except ValidationError as error:
        raise ConnectorsFileError(f"{path}{_explain(text, error, above=('connectors', position, 'config'))}") from error


def _explain(text: str, error: ValidationError, *, above: tuple[str | int, ...]) -> str:
    first: Mapping[str, Any] = error.errors(include_url=False, include_input=False)[0]
    place = (*above, *first["loc"])
    line = _line(text, place[1]) if len(place) > 1 and isinstance(place[1], int) else None
    said = "is no setting of this table" if first["type"] == "extra_forbidden" else first["msg"]
    where = ".".join(str(part) for part in place)
    return f"{f', line {line}' if line else ''}: {where}: {said.removeprefix('Value error, ')}; see docs/connectors.md."


def _line(text: str, position: int) -> int | None:
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if _TABLE.match(line)]
    return starts[position] if position < len(starts) else None
