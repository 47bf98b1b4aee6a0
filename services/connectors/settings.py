"""Settings of the connectors service."""

from typing import ClassVar

from pydantic import Field

from services.shared.components.connectors.settings import DeclaredConnectorsSettings
from services.shared.kit.database import sqlite_url


class ConnectorsSettings(DeclaredConnectorsSettings):
    """What outside systems may be asked, and how much may come back."""

    SERVICE: ClassVar[str] = "connectors"

    connectors_database_url: str | None = Field(
        default=None, description="Database of approvals and calls; default: the SQLite file db/connectors.sqlite."
    )
    connectors_cache_entries: int = Field(
        default=1_000, ge=0, description="Results of tools that are kept in memory, for the seconds each tool allows."
    )
    connectors_response_bytes: int = Field(
        default=2_000_000, ge=1_000, description="Largest answer of an outside system, in bytes, decompressed."
    )
    connectors_result_bytes: int = Field(
        default=200_000, ge=1_000, description="Largest result of a tool, in bytes of JSON."
    )
    connectors_material_chars: int = Field(
        default=6_000, ge=100, description="Most characters of one result that are put before a model."
    )
    connectors_approval_minutes: float = Field(
        default=15, gt=0, description="Minutes in which a call that waits for approval has to be approved and made."
    )
    connectors_request_calls: int = Field(
        default=20, ge=1, description="Most calls of tools under one transaction id (X-Request-ID) of one caller."
    )
    connectors_request_cost: float = Field(
        default=0, ge=0, description="Most that these may cost, as the file of connectors says costs; 0: no limit."
    )
    connectors_audit_days: float = Field(
        default=90, ge=0, description="Days after which the record of a call is deleted; 0: never."
    )

    @property
    def database(self) -> str:
        return self.connectors_database_url or sqlite_url(self.home / "db" / "connectors.sqlite")
