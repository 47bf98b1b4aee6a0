"""Secrets in a server that speaks the HTTP API of Vault's key-value store (version 2), such as Vault or OpenBao."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpClient, HttpLimits, found
from services.shared.kit.keyfiles import read_key_file
from services.shared.kit.telemetry import get_logger

PREFIX = "vault:"
REFRESH_S = 60.0
_LIMITS = HttpLimits(max_bytes=100_000, timeout_s=5, per_second=100, attempts=2, longest_wait_s=2)
_log = get_logger("vault")


class Vault:
    """Fetches what is referred to, and keeps it in memory: looking a secret up waits for nothing.

    A reference is `vault:PATH#FIELD`, as in `vault:secret/data/shop#url`. Secrets that cannot be fetched any more stay
    as they were.
    """

    def __init__(self, url: str, token_file: Path) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._kept: dict[str, str] = {}

    def get(self, reference: str) -> str:
        """The secret as it was last fetched; empty when it never was."""
        return self._kept.get(reference, "")

    async def refresh(self, references: Iterable[str]) -> None:
        """Fetch these; what fails is logged by its path."""
        wanted = sorted(set(references))
        if not wanted:
            return
        parts = urlsplit(self._url)
        host = frozenset({f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"})
        client = HttpClient(hosts=host, private_hosts=host, limits=_LIMITS)
        try:
            for path, its in _by_path(wanted).items():
                fields = await self._fields(client, path)
                self._kept |= {each: str(fields[_field(each)]) for each in its if _field(each) in fields}
        finally:
            await client.close()

    @asynccontextmanager
    async def kept_fresh(self, references: Iterable[str], *, every_s: float = REFRESH_S) -> AsyncGenerator[None]:
        """Fetch them now, and again and again while the block runs."""
        wanted = list(references)
        await self.refresh(wanted)
        task = asyncio.create_task(self._again(wanted, every_s))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _again(self, references: list[str], every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await self.refresh(references)

    async def _fields(self, client: HttpClient, path: str) -> Mapping[str, object]:
        try:
            token = await asyncio.to_thread(read_key_file, self._token_file)
            answer = found(await client.get(f"{self._url}/v1/{path}", headers={"x-vault-token": token})).json()
        except (ConnectorError, OSError, ValueError) as error:
            _log.warning("secret_not_fetched", path=path, reason=str(error))
            return {}
        match answer:
            case {"data": {"data": dict(fields)}}:
                return fields
            case _:
                _log.warning("secret_not_fetched", path=path, reason="no answer of a key-value store, version 2")
                return {}


def references_of(declared: Iterable[Declared]) -> list[str]:
    """Every reference to a vault in the configs of connectors."""
    return [each for one in declared for each in _strings(one.config) if each.startswith(PREFIX)]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _by_path(references: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in references:
        found.setdefault(each.removeprefix(PREFIX).partition("#")[0], []).append(each)
    return found


def _field(reference: str) -> str:
    return reference.partition("#")[2]
