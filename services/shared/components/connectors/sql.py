"""Databases: named queries with parameters, the schema, and, if the operator allows it, any query that only reads."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.events import SyncEvent, SyncTraits
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.sql_database import ReadOnlyDatabase, Rows
from services.shared.components.connectors.sql_statements import require_read
from services.shared.components.connectors.sql_sync import SyncQuery, changes
from services.shared.components.connectors.tool import Arguments, JsonSchema, Tool

ParameterType = Literal["string", "integer", "number", "boolean"]
_ROWS: JsonSchema = {
    "type": "object",
    "properties": {"rows": {"type": "array", "items": {"type": "object"}}, "more": {"type": "boolean"}},
    "required": ["rows", "more"],
    "additionalProperties": False,
}


class NamedQuery(ConnectorConfig):
    """A statement with `:name` for each of its parameters."""

    description: str
    sql: str
    parameters: dict[str, ParameterType] = Field(default_factory=dict[str, ParameterType])
    cache_s: float = Field(default=0, ge=0)


class SqlConfig(ConnectorConfig):
    """Where the database is, and what may be asked of it."""

    url: SecretRef
    queries: dict[str, NamedQuery] = Field(default_factory=dict[str, NamedQuery])
    free_queries: bool = False
    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    rows: int = Field(default=50, ge=1, le=1_000)
    timeout_s: float = Field(default=5, gt=0, le=60)
    sync: SyncQuery | None = None

    @model_validator(mode="after")
    def _has_free_names(self) -> Self:
        taken = {"schema", "query"} & self.queries.keys()
        if taken:
            raise ValueError(f"queries: '{min(taken)}' is the name of a tool of every database; take another")
        return self


class SqlConnector(Connector[SqlConfig]):
    """A SQLite or PostgreSQL database, which is only read."""

    async def tools(self) -> list[Tool]:
        """One for each named query, `schema`, and `query` where it is allowed."""
        named = [self._named(name, query) for name, query in self.config.queries.items()]
        return [*named, self._schema(), *([self._free()] if self.config.free_queries else [])]

    async def check(self) -> None:
        """A connection can be made, and every named query only reads."""
        database = self._database()
        for query in self.config.queries.values():
            self._read(query.sql, database)
        await asyncio.to_thread(partial(database.query, "SELECT 1", {}, most=1))

    @property
    def sync_traits(self) -> SyncTraits:
        """See `SyncQuery`."""
        return self.config.sync.traits if self.config.sync else SyncTraits()

    @property
    def has_sync(self) -> bool:
        """Whether the config says what to read."""
        return self.config.sync is not None

    async def pull(self, cursor: str | None) -> AsyncGenerator[SyncEvent]:
        """The rows that changed, in blocks."""
        sync = self.config.sync
        if sync is None:
            return

        async def read(at: str, most: int) -> Rows:
            return await self._rows(sync.sql, {"cursor": at}, most=most)

        async for event in changes(sync, read, cursor):
            yield event

    def _named(self, name: str, query: NamedQuery) -> Tool:
        async def run(given: Arguments) -> object:
            return _shown(await self._rows(query.sql, given))

        properties = {each: {"type": kind} for each, kind in query.parameters.items()}
        return Tool(
            name=name,
            description=query.description,
            arguments=_object(properties),
            run=run,
            result=_ROWS,
            timeout_s=self.config.timeout_s + 1,
            cache_s=query.cache_s,
        )

    def _schema(self) -> Tool:
        async def run(_: Arguments) -> object:
            tables = await asyncio.to_thread(self._database().tables)
            wanted = {each.lower() for each in self.config.tables}
            return {name: columns for name, columns in tables.items() if not wanted or name.lower() in wanted}

        result = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        return Tool("schema", "The tables and their columns.", _object({}), run, result=result, cache_s=60)

    def _free(self) -> Tool:
        async def run(given: Arguments) -> object:
            return _shown(await self._rows(str(given["sql"]), {}))

        about = "Rows of one SELECT statement; look at the schema first."
        return Tool("query", about, _object({"sql": {"type": "string", "maxLength": 4_000}}), run, result=_ROWS)

    async def _rows(self, statement: str, values: Mapping[str, object], *, most: int | None = None) -> Rows:
        database = self._database()
        checked = self._read(statement, database)
        return await asyncio.to_thread(partial(database.query, checked, values, most=most or self.config.rows))

    def _read(self, statement: str, database: ReadOnlyDatabase) -> str:
        config = self.config
        return require_read(statement, dialect=database.dialect, tables=config.tables, functions=config.functions)

    def _database(self) -> ReadOnlyDatabase:
        url = self.secret(self.config.url).get_secret_value()
        return ReadOnlyDatabase(url, timeout_s=self.config.timeout_s)


def _object(properties: Mapping[str, Any]) -> JsonSchema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _shown(found: Rows) -> object:
    return {"rows": found.rows, "more": found.more}
