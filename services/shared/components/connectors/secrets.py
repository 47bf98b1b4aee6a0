"""Secrets of connectors: a config names where one is, and never holds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from services.shared.components.connectors.failures import ConnectorError
from services.shared.kit.keyfiles import read_key_file


def _is_reference(value: str) -> str:
    kind, _, rest = value.partition(":")
    if kind not in {"env", "file", "vault"} or not rest or (kind == "vault" and not all(rest.partition("#"))):
        raise ValueError("must say where the secret is: env:NAME, file:PATH below RAGWORKS_HOME, or vault:PATH#FIELD")
    return value


SecretRef = Annotated[str, AfterValidator(_is_reference), Field(json_schema_extra={"format": "secret-reference"})]
"""`env:NAME`, `file:PATH` or `vault:PATH#FIELD`."""


@dataclass(frozen=True)
class Secrets:
    """Looks secrets up when they are used, so that a new one counts at once."""

    environment: Mapping[str, str]
    folder: Path
    vault: Callable[[str], str] | None = None
    """What a vault has for a reference; empty when it has nothing."""

    def get(self, reference: SecretRef) -> SecretStr:
        """The secret.

        Raises:
            ConnectorError: it is not there (`secret_missing`); only its name is told.
        """
        kind, _, name = reference.partition(":")
        match kind:
            case "env":
                found = self.environment.get(name, "")
            case "vault":
                found = self.vault(reference) if self.vault else ""
            case _:
                found = self._read(name)
        if not found:
            raise ConnectorError("secret_missing", f"The secret {reference} is not there, or is empty.")
        return SecretStr(found)

    def _read(self, name: str) -> str:
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ConnectorError("secret_missing", f"The secret file:{name} is not below RAGWORKS_HOME.")
        try:
            return read_key_file(path)
        except (OSError, ValueError):
            return ""
