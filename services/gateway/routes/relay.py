"""The hot path: finds a request's service and passes both bodies through, as plain ASGI."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import Headers, URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Message, Receive, Scope, Send

from services.gateway.dependencies import ROLE, require_role
from services.gateway.domain.table import Body, RoutingTable, Rule, Service
from services.shared.kit.asgi import parse_json_object, read_body
from services.shared.kit.errors import RequestTimeoutError
from services.shared.kit.http import ServiceClient
from services.shared.kit.relay import StreamedBody, relay

_BODILESS = frozenset({"GET", "DELETE"})


class RelayRoute(BaseRoute):
    """Every public path that an inner service answers.

    Of the client's headers none is passed on but those that describe an upload, and those that a rule names: what an
    inner service believes comes from the gateway alone.
    """

    def __init__(
        self,
        table: RoutingTable,
        clients: Mapping[Service, ServiceClient],
        *,
        max_body_bytes: int,
        body_wait_s: float,
    ) -> None:
        self._table = table
        self._clients = clients
        self._max_body_bytes = max_body_bytes
        self._body_wait_s = body_wait_s

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for a path of the table; the rule becomes the request's route, which metrics are labelled by."""
        rule = self._table.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        return (Match.NONE, {}) if rule is None else (Match.FULL, {"route": rule})

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Relayed paths have no names."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay one request."""
        rule: Rule = scope["route"]
        require_role(rule.role, scope[ROLE])
        query: bytes = scope["query_string"]
        body, headers = await self._body(rule, scope, receive)
        await relay(
            receive,
            send,
            client=self._clients[rule.service],
            method=scope["method"],
            path=rule.inner_path or scope["path"],
            body=body,
            params=query.decode("latin-1") or None,
            headers=headers,
        )

    async def _body(
        self, rule: Rule, scope: Scope, receive: Receive
    ) -> tuple[bytes | StreamedBody | None, dict[str, str]]:
        if rule.body is Body.UPLOAD:
            return StreamedBody(patient(receive, self._body_wait_s)), _upload_headers(Headers(scope=scope))
        if scope["method"] in _BODILESS:
            return None, {}
        body = await read_body(patient(receive, self._body_wait_s), max_bytes=self._max_body_bytes)
        if body:
            parse_json_object(body)
        headers = Headers(scope=scope)
        return body or None, {name: headers[name] for name in rule.headers if name in headers}


def patient(receive: Receive, seconds: float) -> Receive:
    """The same request, refused with RequestTimeoutError when its next piece takes longer than `seconds`."""

    async def next_message() -> Message:
        try:
            async with asyncio.timeout(seconds):
                return await receive()
        except TimeoutError as error:
            raise RequestTimeoutError(
                f"The request body did not come: nothing for {seconds:g} seconds; send it again."
            ) from error

    return next_message


def _upload_headers(headers: Headers) -> dict[str, str]:
    described = {"content-type": headers.get("content-type", "application/octet-stream")}
    length = headers.get("content-length")
    return described if length is None else {**described, "content-length": length}
