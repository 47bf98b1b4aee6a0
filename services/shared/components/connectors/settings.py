"""Where connectors are declared and which inner hosts they may ask: settings of all who open connectors."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from services.shared.components.connectors.vault import Vault
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

    connectors_vault_url: str | None = Field(
        default=None, description="Server with the HTTP API of Vault, for `vault:` references; none by default."
    )
    connectors_vault_token_file: Path | None = Field(
        default=None, description="File with the token for it, read anew each time; default: secrets/vault.token."
    )

    @property
    def vault(self) -> Vault | None:
        """The vault, where one is named."""
        if self.connectors_vault_url is None:
            return None
        return Vault(
            self.connectors_vault_url, self.connectors_vault_token_file or self.home / "secrets" / "vault.token"
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """Where `env:` references of connectors are looked up."""
        return os.environ
