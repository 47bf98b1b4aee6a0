"""What a connector is: a class with a config, tools, and perhaps a sync."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, SecretStr

from services.shared.components.connectors.events import SyncEvent, SyncTraits
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpClient
from services.shared.components.connectors.secrets import SecretRef, Secrets
from services.shared.components.connectors.tool import Tool, tools_of


class ConnectorConfig(BaseModel):
    """The base of configs: what is not declared is refused, so that a typing error is found at the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=ConnectorConfig)


@dataclass(frozen=True)
class Surroundings:
    """What a connector is given."""

    http: HttpClient
    secrets: Secrets


class Connector(Generic[ConfigT]):
    """One outside system. Write `class Weather(Connector[WeatherConfig])` and mark methods with `@tool()`.

    `outside_tools`: the outside system itself says which tools there are, so an operator approves each definition.
    """

    outside_tools: ClassVar[bool] = False

    def __init__(self, config: ConfigT, around: Surroundings) -> None:
        self.config = config
        self.http = around.http
        self._secrets = around.secrets

    def secret(self, reference: SecretRef) -> SecretStr:
        """The secret that the config refers to; ask for it when it is used, and keep it nowhere."""
        return self._secrets.get(reference)

    async def tools(self) -> list[Tool]:
        """What can be called: the marked methods, unless a connector finds its tools elsewhere."""
        return tools_of(self)

    @property
    def sync_traits(self) -> SyncTraits:
        """What can be expected of the sync."""
        return SyncTraits()

    @property
    def has_sync(self) -> bool:
        """Whether there is one, as the connector is configured."""
        return type(self).pull is not Connector[Any].pull

    def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """What changed since the cursor, oldest first; everything without one. Not every connector syncs."""
        raise ConnectorError("no_sync", f"{type(self).__name__} has no sync; cursor {cursor!r} is of no use.")

    async def check(self) -> None:
        """Return when the outside system can be used; raise ConnectorError when not."""
        await self.tools()

    async def close(self) -> None:
        """Let go of what is held; the HTTP client is closed by whoever gave it."""


def config_model(kind: type[Connector[Any]]) -> type[ConnectorConfig]:
    """The config that a connector's class names in its brackets."""
    for base in getattr(kind, "__orig_bases__", ()):
        for named in get_args(base):
            if isinstance(named, type) and issubclass(named, ConnectorConfig):
                return named
    return ConnectorConfig
