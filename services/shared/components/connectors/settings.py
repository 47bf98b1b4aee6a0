"""Where connectors are declared and which inner hosts they may ask: settings of all who open connectors."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class DeclaredConnectorsSettings(PlatformSettings):
    """Shared by the connectors service, which calls their tools, and by the corpus and its worker, which sync them."""

    connectors_file: Path | None = Field(
        default=None, description="TOML file that declares connectors (docs/connectors.md); none by default."
    )
    connectors_private_hosts: frozenset[str] = Field(
        default=frozenset(),
        description="Hosts that connectors may ask although their addresses are inner ones, as 10.0.0.5:8080 or "
        "*.corp.example; none by default.",
    )

    @property
    def environment(self) -> Mapping[str, str]:
        """Where `env:` references of connectors are looked up."""
        return os.environ
