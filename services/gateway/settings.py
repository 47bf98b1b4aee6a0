"""Settings of the gateway; the only place of the service that sees the environment."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from services.shared.kit.settings import PlatformSettings

_SERVICES = Path(__file__).resolve().parents[1]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class GatewaySettings(PlatformSettings):
    """Who may come in, and how much they may bring."""

    SERVICE: ClassVar[str] = "gateway"

    gateway_max_body_bytes: int = Field(
        default=4 * 1024 * 1024, gt=0, description="Largest request body the gateway accepts, uploads excepted."
    )
    gateway_body_wait_s: float = Field(
        default=30.0, gt=0, description="Seconds the gateway waits for the next piece of a request body."
    )
    gateway_allowed_hosts: frozenset[str] = Field(
        default=frozenset(),
        description="Host names the gateway answers to besides the loopback ones and its own address; * for any.",
    )
    gateway_allowed_origins: tuple[str, ...] = Field(
        default=(), description="Web origins whose pages may call the API (CORS); none by default."
    )
    gateway_database_url: str | None = Field(
        default=None, description="Database of the API keys; default: the SQLite file db/gateway.sqlite."
    )
    gateway_keys_fresh_for_s: float = Field(
        default=2.0, gt=0, description="Seconds a key may still work after another gateway process revoked it."
    )
    gateway_ready_without: frozenset[str] = Field(
        default=frozenset(), description="Parts /readyz does not wait for, such as an engine that is an outside API."
    )

    gateway_session_days: float = Field(
        default=7.0, gt=0, le=400, description="Days after which a browser has to sign in again."
    )
    gateway_web_folder: Path = Field(
        default=_SERVICES / "frontend" / "web" / "dist", description="Folder of the built web pages."
    )

    @property
    def session_lasts(self) -> timedelta:
        return timedelta(days=self.gateway_session_days)

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name a request may be addressed to."""
        own = urlsplit(self.gateway_url).hostname
        return _LOOPBACK | self.gateway_allowed_hosts | ({own} if own else set())

    @property
    def bootstrap_key_file(self) -> Path:
        return self.secrets_dir / "api.key"

    @property
    def database_file(self) -> Path:
        return self.home / "db" / "gateway.sqlite"
