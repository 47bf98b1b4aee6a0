"""Builds the gateway from its parts."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Scope

from services.gateway.adapters.key_ring import KeyRing
from services.gateway.adapters.key_store import KeyStore
from services.gateway.adapters.probes import Prober
from services.gateway.adapters.session_ring import SessionRing
from services.gateway.adapters.session_store import SessionStore
from services.gateway.adapters.web_files import read_web_files
from services.gateway.dependencies import Parts
from services.gateway.domain.keys import KEY_PREFIX, digest
from services.gateway.domain.table import Body, RoutingTable, Service
from services.gateway.routes import front, keys, sessions
from services.gateway.routes.admission import Admission
from services.gateway.routes.guarded import GuardedAnswers
from services.gateway.routes.relay import RelayRoute
from services.gateway.settings import GatewaySettings
from services.shared.contracts.corpus import UPLOAD_FORM_BYTES
from services.shared.kit.app import ReadyCheck, create_app
from services.shared.kit.asgi import OPEN_PATHS, BodyLimit
from services.shared.kit.context import REQUEST_ID_HEADER
from services.shared.kit.database import open_database, sqlite_url
from services.shared.kit.http import ServiceClient
from services.shared.kit.keyfiles import ensure_key_file

_PROBE_TIMEOUT_S = 1.8  # below the two seconds a readiness check may take, so that its reason is told


def build_app(settings: GatewaySettings) -> FastAPI:
    """The gateway; the operator's key and the table of keys exist when it returns.

    Raises:
        FileNotFoundError: the key that signs requests to the inner services is missing.
        PlatformError: the database of keys cannot be written.
    """
    settings.secret("internal")
    parts = _build_parts(settings)
    table = RoutingTable()
    relayed = RelayRoute(
        table,
        parts.clients,
        max_body_bytes=settings.gateway_max_body_bytes,
        body_wait_s=settings.gateway_body_wait_s,
    )
    app = create_app(
        settings,
        title="gateway",
        routers=[keys.router, sessions.router, front.router],
        raw_routes=[relayed],
        lifespan=_lifespan,
        ready_checks=_ready_checks(settings, parts.prober),
        authenticate=Admission(parts.ring, parts.sessions, hosts=settings.hosts),
        max_body_bytes=_body_limit(settings, table),
        open_paths=(OPEN_PATHS - {"/metrics"}) | front.OPEN_PATHS,
    )
    app.state.parts = parts
    app.router.redirect_slashes = False  # one path, one meaning
    app.add_middleware(GuardedAnswers)
    if settings.gateway_allowed_origins:
        _allow_origins(app, settings.gateway_allowed_origins)
    return app


def _build_parts(settings: GatewaySettings) -> Parts:
    database = open_database(settings.gateway_database_url or sqlite_url(settings.database_file))
    store = KeyStore(database)
    store.prepare()
    sessions = SessionStore(database)
    sessions.prepare()
    store.set_operator_key(digest(ensure_key_file(settings.bootstrap_key_file, prefix=KEY_PREFIX)))
    addresses = {
        Service.ORCHESTRATOR: settings.orchestrator_url,
        Service.INFERENCE: settings.inference_url,
        Service.RETRIEVAL: settings.retrieval_url,
        Service.CORPUS: settings.corpus_url,
        Service.CONNECTORS: settings.connectors_url,
    }
    fresh_for_s = settings.gateway_keys_fresh_for_s
    ring = KeyRing(store, fresh_for_s=fresh_for_s)
    return Parts(
        store=store,
        ring=ring,
        sessions=SessionRing(sessions, ring, lasts=settings.session_lasts, fresh_for_s=fresh_for_s),
        web=read_web_files(settings.gateway_web_folder),
        clients={
            service: ServiceClient(url, audience=service.value, settings=settings) for service, url in addresses.items()
        },
        prober=Prober(timeout_s=_PROBE_TIMEOUT_S),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    parts: Parts = app.state.parts
    async with AsyncExitStack() as stack:
        stack.callback(parts.store.engine.dispose)
        for part in (parts.prober, *parts.clients.values()):
            await stack.enter_async_context(part)
        await parts.ring.reload()
        yield


def _ready_checks(settings: GatewaySettings, prober: Prober) -> dict[str, ReadyCheck]:
    pages = {
        "orchestrator": f"{settings.orchestrator_url}/readyz",
        "retrieval": f"{settings.retrieval_url}/readyz",
        "corpus": f"{settings.corpus_url}/readyz",
        "connectors": f"{settings.connectors_url}/readyz",
        "ingest": f"{settings.ingest_url}/readyz",
        "inference": f"{settings.inference_url}/readyz",
        "embedding": f"{settings.embedding_url}/readyz",
        "vectordb": f"{settings.vectordb_url}/readyz",
        "engine": f"{settings.engine_url}/health",
    }
    without = {*settings.gateway_ready_without, *(["embedding"] if settings.embedding_endpoint else [])}
    return {part: prober.check(page) for part, page in pages.items() if part not in without}


def _body_limit(settings: GatewaySettings, table: RoutingTable) -> BodyLimit:
    uploads = {(method, rule.path) for rule in table.rules if rule.body is Body.UPLOAD for method in rule.methods}

    def limit(scope: Scope) -> int:
        if (scope["method"], scope["path"]) in uploads:
            return settings.max_file_bytes + UPLOAD_FORM_BYTES
        return settings.gateway_max_body_bytes

    return limit


def _allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=[REQUEST_ID_HEADER],
    )
