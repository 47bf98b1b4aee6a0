"""Which service answers which public path: the whole public surface of the platform, in one place.

A path that is not here, or among the gateway's own, does not exist outside.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.gateway.domain.roles import Role
from services.shared.kit.errors import MethodNotAllowedError


class Service(StrEnum):
    """The inner services that face users through the gateway."""

    ORCHESTRATOR = "orchestrator"
    INFERENCE = "inference"
    RETRIEVAL = "retrieval"
    CORPUS = "corpus"
    CONNECTORS = "connectors"


class Body(StrEnum):
    """How a request's body is treated on its way."""

    JSON = "json"
    UPLOAD = "upload"


@dataclass(frozen=True)
class Rule:
    """Requests to `path` with one of `methods` belong to `service`.

    `{name}` in a path stands for one segment, `{name:path}` for one or more.
    """

    methods: frozenset[str]
    path: str
    service: Service
    inner_path: str | None = None
    body: Body = Body.JSON
    headers: tuple[str, ...] = ()
    """The client's own headers that belong to what it asks, in lower case."""
    role: Role = Role.READER
    """The least that the request's key must be."""


def _rule(
    methods: str,
    path: str,
    service: Service,
    *,
    role: Role = Role.READER,
    inner_path: str | None = None,
    body: Body = Body.JSON,
    headers: tuple[str, ...] = (),
) -> Rule:
    return Rule(frozenset(methods.split()), path, service, inner_path, body, headers, role)


_MCP_HEADERS = ("mcp-protocol-version", "mcp-method", "mcp-name")

RULES = (
    _rule("POST", "/v1/chat/completions", Service.ORCHESTRATOR),
    _rule("GET", "/v1/models", Service.ORCHESTRATOR),
    _rule("GET", "/v1/models/{id:path}", Service.ORCHESTRATOR),
    _rule("POST", "/v1/responses", Service.ORCHESTRATOR),
    _rule("GET DELETE", "/v1/responses/{id}", Service.ORCHESTRATOR),
    _rule("GET", "/api/conversations", Service.ORCHESTRATOR),
    _rule("GET PATCH DELETE", "/api/conversations/{id}", Service.ORCHESTRATOR),
    _rule("GET", "/api/conversations/{id}/export", Service.ORCHESTRATOR),
    _rule("GET", "/api/records", Service.ORCHESTRATOR),
    _rule("GET DELETE", "/api/records/{id}", Service.ORCHESTRATOR),
    _rule("POST", "/api/feedback", Service.ORCHESTRATOR),
    _rule("POST", "/v1/completions", Service.INFERENCE),
    _rule("POST", "/v1/embeddings", Service.INFERENCE),
    _rule("POST", "/v1/rerank", Service.INFERENCE),
    _rule("GET", "/api/models", Service.INFERENCE, role=Role.OPERATOR),
    _rule("POST", "/api/models/{rest:path}", Service.INFERENCE, role=Role.OPERATOR),
    _rule("GET", "/api/inference/requests", Service.INFERENCE, role=Role.OPERATOR),
    _rule("GET DELETE", "/api/inference/requests/{id}", Service.INFERENCE, role=Role.OPERATOR),
    _rule("POST", "/v1/files", Service.CORPUS, role=Role.EDITOR, body=Body.UPLOAD),
    _rule("GET", "/v1/files", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST DELETE", "/v1/files/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/v1/vector_stores", Service.CORPUS),
    _rule("POST", "/v1/vector_stores", Service.CORPUS, role=Role.EDITOR),
    _rule("POST", "/v1/vector_stores/{id}/search", Service.RETRIEVAL),
    _rule("GET", "/v1/vector_stores/{id}", Service.CORPUS),
    _rule("POST DELETE", "/v1/vector_stores/{id}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST DELETE", "/v1/vector_stores/{id}/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("POST", "/api/search", Service.RETRIEVAL, inner_path="/internal/search"),
    _rule("POST", "/api/explain", Service.RETRIEVAL, inner_path="/internal/explain"),
    _rule("GET", "/api/collections", Service.CORPUS),
    _rule("POST", "/api/collections", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/api/collections/{id}", Service.CORPUS),
    _rule("POST PUT PATCH DELETE", "/api/collections/{id}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST PUT PATCH DELETE", "/api/collections/{id}/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("POST", "/api/imports", Service.CORPUS, role=Role.EDITOR, body=Body.UPLOAD),
    _rule("GET", "/api/documents", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST PUT PATCH DELETE", "/api/documents/{id}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/api/documents/{id}/text", Service.CORPUS),
    _rule("GET", "/api/documents/{id}/chunks", Service.CORPUS),
    _rule("GET POST PUT PATCH DELETE", "/api/documents/{id}/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/api/receipts", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST", "/api/receipts/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET DELETE", "/api/principals/{name}", Service.CORPUS, role=Role.OPERATOR),
    _rule("GET POST", "/api/jobs", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST DELETE", "/api/jobs/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST", "/api/sources", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST PATCH DELETE", "/api/sources/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET POST", "/api/syncs/{rest:path}", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/api/connectors", Service.CONNECTORS),
    _rule("GET", "/api/connector-kinds", Service.CONNECTORS),
    _rule("GET", "/api/tools", Service.CONNECTORS),
    _rule("GET", "/api/tools/{name}", Service.CONNECTORS),
    _rule("POST", "/api/tools/{name}/call", Service.CONNECTORS),
    _rule("POST", "/api/tools/{name}/approve", Service.CONNECTORS, role=Role.OPERATOR),
    _rule("GET", "/api/tool-approvals", Service.CONNECTORS, role=Role.OPERATOR),
    _rule("POST", "/api/tool-approvals/{id}", Service.CONNECTORS, role=Role.OPERATOR),
    _rule("GET", "/api/tool-calls", Service.CONNECTORS, role=Role.OPERATOR),
    _rule("POST", "/api/ingest/plan", Service.CORPUS, role=Role.EDITOR),
    _rule("POST", "/api/chunks/preview", Service.CORPUS, role=Role.EDITOR),
    _rule("GET", "/api/parsers", Service.CORPUS),
    _rule("POST", "/mcp", Service.ORCHESTRATOR, headers=_MCP_HEADERS),
)

# A segment is never `.` or `..`, and nothing in it could be read as another separator or decoded once more:
# what was matched here is exactly what the inner service sees.
_SEGMENT = r"(?!\.{1,2}(?:/|$))[^/\\%?#\x00-\x1f\x7f]+"
_PLACE = re.compile(r"\{(\w+)(:path)?\}")


class RoutingTable:
    """Finds the rule of a request."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self.rules = rules
        self._literal = _by_path([rule for rule in rules if "{" not in rule.path])
        patterned = _by_path([rule for rule in rules if "{" in rule.path])
        self._patterns = [(_pattern(path), by_method) for path, by_method in patterned.items()]

    def find(self, method: str, path: str) -> Rule | None:
        """The rule, or None when no rule is about the path. `path` is percent-decoded once.

        Raises:
            MethodNotAllowedError: the path takes other methods.
        """
        by_method = self._at(path, method)
        if by_method is None:
            return None
        rule = by_method.get(method)
        if rule is None:
            allowed = ", ".join(sorted(by_method))
            raise MethodNotAllowedError(f"{path} does not take {method}; it takes {allowed}.", allowed=by_method.keys())
        return rule

    def _at(self, path: str, method: str) -> Mapping[str, Rule] | None:
        literal = self._literal.get(path)
        if literal is not None:
            return literal
        found = [by_method for pattern, by_method in self._patterns if pattern.fullmatch(path)]
        taking = (by_method for by_method in found if method in by_method)
        return next(taking, found[0] if found else None)


def _by_path(rules: Sequence[Rule]) -> dict[str, dict[str, Rule]]:
    table: dict[str, dict[str, Rule]] = {}
    for rule in rules:
        table.setdefault(rule.path, {}).update(dict.fromkeys(rule.methods, rule))
    return table


def _pattern(path: str) -> re.Pattern[str]:
    parts: list[str] = []
    end = 0
    for place in _PLACE.finditer(path):
        parts += [re.escape(path[end : place.start()]), _SEGMENT if not place[2] else f"{_SEGMENT}(?:/{_SEGMENT})*"]
        end = place.end()
    return re.compile("".join([*parts, re.escape(path[end:])]))
