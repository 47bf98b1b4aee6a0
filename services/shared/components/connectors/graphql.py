"""A GraphQL API: the queries and mutations that the operator writes, as tools."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpAnswer
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.tool import Arguments, Tool
from services.shared.contracts.tools import Effect

_CHANGES = re.compile(r"(?:^|\})\s*(?:mutation|subscription)\b")
_STRINGS_AND_COMMENTS = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_MOST_TOLD = 300


class GraphQlOperation(ConnectorConfig):
    """A document with one operation; its variables are the parameters."""

    description: str
    document: str
    parameters: dict[str, Literal["string", "integer", "number", "boolean"]] = Field(default_factory=dict)
    cache_s: float = Field(default=0, ge=0)


class GraphQlConfig(ConnectorConfig):
    """Where the API is, and what may be asked of it. With `Authorization` the key is sent as a bearer token."""

    url: str
    operations: dict[str, GraphQlOperation] = Field(min_length=1)
    key: SecretRef | None = None
    key_header: str = "Authorization"
    timeout_s: float = Field(default=20, gt=0, le=300)


class GraphQlConnector(Connector[GraphQlConfig]):
    """A GraphQL API, of which only declared operations are asked."""

    async def tools(self) -> list[Tool]:
        """One for each operation; what is no query counts as a change."""
        return [self._tool(name, operation) for name, operation in self.config.operations.items()]

    async def check(self) -> None:
        """The API answers the smallest of all queries."""
        await self._ask("{ __typename }", {})

    def _tool(self, name: str, operation: GraphQlOperation) -> Tool:
        async def run(given: Arguments) -> object:
            return await self._ask(operation.document, given)

        properties = {each: {"type": kind} for each, kind in operation.parameters.items()}
        reads = not _CHANGES.search(_STRINGS_AND_COMMENTS.sub(" ", operation.document))
        return Tool(
            name=name,
            description=operation.description,
            arguments={
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
            run=run,
            result={"type": "object"},
            effect=Effect.READ if reads else Effect.WRITE,
            timeout_s=self.config.timeout_s,
            cache_s=operation.cache_s if reads else 0,
        )

    async def _ask(self, document: str, variables: Arguments) -> object:
        body = {"query": document, "variables": dict(variables)}
        headers = {"accept": "application/graphql-response+json, application/json", **self._key()}
        answer = await self.http.request("POST", self.config.url, headers=headers, json=body)
        return _data(answer)

    def _key(self) -> dict[str, str]:
        if self.config.key is None:
            return {}
        key, header = self.secret(self.config.key).get_secret_value(), self.config.key_header
        return {header: f"Bearer {key}" if header == "Authorization" else key}


def _data(answer: HttpAnswer) -> Mapping[str, object]:
    """What was asked for; half an answer is none: an error counts, whatever stands beside it."""
    said = answer.json() if "json" in answer.media_type else None
    match said:
        case {"errors": [{"message": str(message)}, *_]}:
            raise ConnectorError("refused", f"The API refused the operation: {message[:_MOST_TOLD]}")
        case {"data": dict(data)} if 200 <= answer.status < 300:
            return data
        case _:
            message = f"The API answered with HTTP status {answer.status} and no data."
            raise ConnectorError("upstream_status", message, counts=answer.status >= 500)
