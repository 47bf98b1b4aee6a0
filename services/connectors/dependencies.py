"""The parts of the service, named once; routes ask for them here."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from services.connectors.adapters.approvals import Approvals
from services.connectors.adapters.audit import Audit
from services.connectors.adapters.budgets import Budgets
from services.connectors.adapters.calling import Caller, CallLimits
from services.connectors.adapters.held import HeldConnector
from services.connectors.adapters.results import ResultCache
from services.connectors.adapters.tables import metadata
from services.connectors.adapters.toolbox import Asker, Toolbox
from services.connectors.settings import ConnectorsSettings
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import Conditions, open_connector, read_connectors_file
from services.shared.components.connectors.secrets import Secrets
from services.shared.components.connectors.vault import references_of
from services.shared.kit.context import principal
from services.shared.kit.database import open_database
from services.shared.kit.store import Store
from services.shared.kit.tables import Tables


@dataclass(frozen=True)
class Parts:
    """What the routes use."""

    toolbox: Toolbox
    caller: Caller
    approvals: Approvals
    audit: Audit
    max_body_bytes: int = 1_000_000


def declared_connectors(settings: ConnectorsSettings) -> tuple[Declared, ...]:
    """What the operator's file declares; nothing without one.

    Raises:
        ConnectorsFileError: the file is wrong.
    """
    return read_connectors_file(settings.connectors_file) if settings.connectors_file else ()


@asynccontextmanager
async def open_parts(settings: ConnectorsSettings, declared: tuple[Declared, ...]) -> AsyncGenerator[Parts]:
    """The parts while the service runs."""
    vault = settings.vault
    conditions = Conditions(
        secrets=Secrets(settings.environment, settings.home, vault.get if vault else None),
        private_hosts=settings.connectors_private_hosts,
        max_bytes=settings.connectors_response_bytes,
    )
    store = Store(Tables(open_database(settings.database), metadata))
    approvals = Approvals(store, lasts=timedelta(minutes=settings.connectors_approval_minutes))
    toolbox = Toolbox([HeldConnector(each, open_connector(each, conditions)) for each in declared], approvals)
    cache = ResultCache(most=settings.connectors_cache_entries)
    limits = CallLimits(settings.connectors_result_bytes, settings.connectors_material_chars)
    budgets = Budgets(calls=settings.connectors_request_calls, cost=settings.connectors_request_cost)
    try:
        async with AsyncExitStack() as running:
            if vault is not None:
                await running.enter_async_context(vault.kept_fresh(references_of(declared)))
            audit = await running.enter_async_context(Audit(store, days=settings.connectors_audit_days))
            yield Parts(toolbox, Caller(toolbox, approvals, audit, cache, limits, budgets=budgets), approvals, audit)
    finally:
        await toolbox.close()
        store.tables.close()


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


def _asker(collection: str | None = None) -> Asker:
    return Asker(principal.get(), collection)


CurrentParts = Annotated[Parts, Depends(_parts)]
CurrentAsker = Annotated[Asker, Depends(_asker)]
