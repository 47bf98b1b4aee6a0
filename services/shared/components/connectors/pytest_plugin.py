"""The conformance kit as a plugin of pytest: the fixture `connector_conformance`, wherever Ragworks is installed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest


class Conformance(Protocol):
    """Checks a connector, and fails the test with every rule that is broken."""

    def __call__(
        self,
        make: Any,  # noqa: ANN401 - see `check_connector`; nothing is imported before a test asks
        *,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
        environment: Mapping[str, str] | None = None,
        outside: Any = None,  # noqa: ANN401 - OutsideChanges
    ) -> None:
        """See `check_connector`; `environment` holds the secrets that `env:` references name."""
        ...


@pytest.fixture
def connector_conformance(tmp_path: Path) -> Conformance:
    """The kit: `connector_conformance(make, calls={"today": {"city": "Bergen"}})`."""

    def check(
        make: Any,  # noqa: ANN401
        *,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
        environment: Mapping[str, str] | None = None,
        outside: Any = None,  # noqa: ANN401
    ) -> None:
        import asyncio

        from services.shared.components.connectors.conformance import OutsideChanges, check_connector
        from services.shared.components.connectors.secrets import Secrets

        secrets = Secrets(environment or {}, tmp_path)
        changes = outside or OutsideChanges()
        found = asyncio.run(check_connector(make, secrets, calls=calls or {}, outside=changes))
        broken = [f"{each.rule}: {each.problem}" for each in found if each.problem]
        if broken:
            pytest.fail("The connector breaks rules:\n" + "\n".join(broken), pytrace=False)

    return check
