"""The gateway's parts, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.adapters.key_store import KeyStore
from services.gateway.adapters.probes import Prober
from services.gateway.adapters.session_ring import SessionRing
from services.gateway.adapters.web_files import WebFiles
from services.gateway.domain.roles import Role
from services.gateway.domain.table import Service
from services.gateway.errors import OperatorOnlyError, ReaderKeyError
from services.shared.contracts.principals import OPERATOR
from services.shared.kit.context import principal
from services.shared.kit.http import ServiceClient

ROLE = "ragworks.role"
"""Where in a request's scope the role of its key is."""


@dataclass(frozen=True)
class Parts:
    """What the gateway is made of."""

    store: KeyStore
    ring: KeyRing
    sessions: SessionRing
    web: WebFiles
    clients: Mapping[Service, ServiceClient]
    prober: Prober


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


def require_role(needed: Role, role: Role) -> None:
    """Lets a key of this role pass.

    Raises:
        OperatorOnlyError: it takes the operator's.
        ReaderKeyError: it takes an editor's.
    """
    if not role.includes(needed):
        raise OperatorOnlyError if needed is Role.OPERATOR else ReaderKeyError


def operator_only() -> None:
    """Lets the operator's key pass; raises OperatorOnlyError for another."""
    if principal.get() != OPERATOR:
        raise OperatorOnlyError


PartsDep = Annotated[Parts, Depends(_parts)]
