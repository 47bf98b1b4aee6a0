"""Brings the tables of a database that is older than the code up to date, as far as that takes no decision.

Only additions belong here: a column that rows may lack. What changes the meaning of stored rows is no addition.
"""

from sqlalchemy import Column, Connection, MetaData, inspect
from sqlalchemy.schema import CreateColumn


def add_missing_columns(connection: Connection, metadata: MetaData) -> list[str]:
    """Add the columns and indexes that tables of the database lack; which columns they were, as `table.column`.

    Tables that do not exist are left alone. Call it inside the transaction that creates the schema, which no other
    process may hold at the same time. For SQLite and PostgreSQL.

    Raises:
        ValueError: a column has neither null nor a default of the database's for the rows that exist.
    """
    added: list[str] = []
    existing = inspect(connection)
    for table in metadata.sorted_tables:
        if not existing.has_table(table.name):
            continue
        known = {column["name"] for column in existing.get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in known]
        for column in missing:
            _add(connection, column)
        for index in table.indexes:
            index.create(connection, checkfirst=True)
        added += [str(column) for column in missing]
    return added


def _add(connection: Connection, column: Column[object]) -> None:
    if not column.nullable and column.server_default is None:
        raise ValueError(f"{column} cannot be added to rows that exist: let it be null, or give it a server default.")
    dialect = connection.dialect
    table = dialect.identifier_preparer.format_table(column.table)
    definition = CreateColumn(column).compile(dialect=dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {definition}")
