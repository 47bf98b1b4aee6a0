"""Operations of any HTTP API that has an OpenAPI 3 description (JSON), as tools; those that the operator names."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import found
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.tool import Arguments, Tool
from services.shared.contracts.tools import Effect

_EFFECTS = {"get": Effect.READ, "put": Effect.WRITE, "post": Effect.WRITE, "patch": Effect.WRITE}
_DEEPEST = 20
_Json = Mapping[str, Any]


class OpenApiConfig(ConnectorConfig):
    """Where the description is, which operations may be called, and with what key.

    `key_header` names the header that the key goes in; with `Authorization` it is sent as a bearer token.
    """

    spec: str
    operations: tuple[str, ...] = Field(min_length=1)
    base_url: str | None = None
    key: SecretRef | None = None
    key_header: str = "Authorization"
    timeout_s: float = 20


class OpenApiConnector(Connector[OpenApiConfig]):
    """An HTTP API by its description."""

    outside_tools: ClassVar[bool] = True

    async def tools(self) -> list[Tool]:
        """The named operations; one that the description lacks is an error."""
        spec = await self.http.get_json(self.config.spec)
        if not isinstance(spec, Mapping):
            raise ConnectorError("invalid_answer", "The description of the API is no JSON object.")
        operations = {name: (method, path, each) for name, method, path, each in _operations(spec)}
        missing = sorted(set(self.config.operations) - operations.keys())
        if missing:
            raise ConnectorError("unknown_operation", f"The API has no operation '{missing[0]}'.")
        base = self._base(spec)
        return [self._tool(spec, base, name, *operations[name]) for name in self.config.operations]

    def _base(self, spec: _Json) -> str:
        servers = spec.get("servers") or [{"url": "/"}]
        url = self.config.base_url or urljoin(self.config.spec, str(servers[0].get("url", "/")))
        if self.config.base_url is None and urlsplit(url)[:2] != urlsplit(self.config.spec)[:2]:
            message = f"The API's description names another host, {urlsplit(url).netloc}: confirm it with base_url."
            raise ConnectorError("host_refused", message)
        return url.rstrip("/")

    def _tool(self, spec: _Json, base: str, name: str, method: str, path: str, operation: _Json) -> Tool:
        parameters = [_resolved(spec, each, 0) for each in operation.get("parameters", [])]
        body = _body_schema(spec, operation)

        async def run(given: Arguments) -> object:
            url, query = _filled(base + path, parameters, given)
            answer = await self.http.request(
                method.upper(), url, headers=self._headers(), params=query, json=given.get("body") if body else None
            )
            found(answer)
            return answer.json() if "json" in answer.media_type else answer.body.decode("utf-8", "replace")

        about = str(operation.get("description") or operation.get("summary") or name)
        return Tool(
            name=name,
            description=about,
            arguments=_arguments(parameters, body),
            run=run,
            effect=_EFFECTS.get(method, Effect.IRREVERSIBLE),
            timeout_s=self.config.timeout_s,
        )

    def _headers(self) -> dict[str, str]:
        if self.config.key is None:
            return {}
        key = self.secret(self.config.key).get_secret_value()
        return {self.config.key_header: f"Bearer {key}" if self.config.key_header == "Authorization" else key}


def _operations(spec: _Json) -> Iterator[tuple[str, str, str, _Json]]:
    for path, methods in (spec.get("paths") or {}).items():
        for method, operation in methods.items():
            if isinstance(operation, Mapping) and isinstance(name := operation.get("operationId"), str):
                shared = methods.get("parameters", [])
                yield name, method, path, {**operation, "parameters": [*shared, *operation.get("parameters", [])]}


def _resolved(spec: _Json, value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON
    """The value with references inside the description followed; others are left out."""
    if depth > _DEEPEST:
        return {}
    if isinstance(value, list):
        return [_resolved(spec, each, depth + 1) for each in value]
    if not isinstance(value, Mapping):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return {key: _resolved(spec, each, depth + 1) for key, each in value.items()}
    target: Any = spec
    for part in reference.removeprefix("#/").split("/") if reference.startswith("#/") else ["?"]:
        target = target.get(part, {}) if isinstance(target, Mapping) else {}
    return _resolved(spec, target, depth + 1)


def _body_schema(spec: _Json, operation: _Json) -> _Json | None:
    body = _resolved(spec, operation.get("requestBody") or {}, 0)
    schema = body.get("content", {}).get("application/json", {}).get("schema")
    return schema if isinstance(schema, Mapping) else None


def _arguments(parameters: list[_Json], body: _Json | None) -> _Json:
    named = [each for each in parameters if each.get("in") in {"path", "query"}]
    properties = {each["name"]: each.get("schema", {"type": "string"}) for each in named}
    required = [each["name"] for each in named if each.get("required")]
    if body is not None:
        properties, required = {**properties, "body": body}, [*required, "body"]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _filled(url: str, parameters: list[_Json], given: Arguments) -> tuple[str, dict[str, str]]:
    """The address with its places filled; no value can lead to another path."""
    query: dict[str, str] = {}
    for each in parameters:
        name = str(each.get("name"))
        if name not in given:
            continue
        value = given[name] if isinstance(given[name], str) else str(given[name]).lower()
        if each.get("in") == "path":
            if value in {"", ".", ".."}:
                raise ConnectorError("invalid_arguments", f"{name}: '{value}' is no part of a path.")
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        elif each.get("in") == "query":
            query[name] = value
    return url, query
