"""A database for asynchronous parts; its tables are made when they are first needed."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from services.shared.kit.tables import Tables

T = TypeVar("T")


class Store:
    """Runs queries in threads. Every method raises StorageFullError or UnavailableError when the database fails."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._preparing = asyncio.Lock()
        self._is_ready = False

    async def prepare(self) -> None:
        """Make the tables, if that was not done yet: a database that comes up late holds up no start."""
        async with self._preparing:
            if not self._is_ready:
                await asyncio.to_thread(self.tables.create_schema)
                self._is_ready = True

    async def read(self, query: Callable[[Connection], T]) -> T:
        """A query's result."""
        await self.prepare()

        def run() -> T:
            with self.tables.read() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """A change's result, made in one transaction."""
        await self.prepare()

        def run() -> T:
            with self.tables.write() as connection:
                return change(connection)

        return await asyncio.to_thread(run)
