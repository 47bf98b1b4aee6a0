"""Which SQL statements may be sent: a single one that only reads, by what the parser sees in it."""

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from services.shared.components.connectors.failures import ConnectorError

_READS = (exp.Select, exp.SetOperation)
_NEVER = (
    exp.DDL, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Command, exp.Drop, exp.Alter, exp.Set, exp.Into,
    exp.Lock, exp.Pragma, exp.Attach, exp.Detach, exp.Use, exp.Transaction, exp.Commit, exp.Rollback, exp.Copy,
    exp.Analyze, exp.Cache, exp.Kill, exp.ReadCSV,
)  # fmt: skip
_INNER = ("pg_", "sqlite_", "information_schema")


def require_read(statement: str, *, dialect: str, tables: Collection[str] = (), functions: Collection[str] = ()) -> str:
    """The statement as the parser understood it, without comments, when it only reads.

    Args:
        dialect: sqlite or postgres.
        tables: the only ones it may name; any but the database's own when empty.
        functions: allowed beside those that are part of SQL.

    Raises:
        ConnectorError: `statement_refused`, with what is wrong.
    """
    parsed = _only_statement(statement, dialect)
    if not isinstance(parsed, _READS):
        raise _refused(f"{parsed.key.upper()} is no query; one SELECT is allowed")
    for node in parsed.walk():
        if isinstance(node, _NEVER) and not isinstance(node, _READS):
            raise _refused(f"it holds {node.key.upper()}, which may change something")
        if isinstance(node, exp.Anonymous) and node.name.lower() not in {each.lower() for each in functions}:
            raise _refused(f"it calls the function '{node.name}', which is not allowed")
    _require_tables(parsed, {each.lower() for each in tables})
    return _with_plain_places(parsed).sql(dialect=dialect, comments=False)


def _with_plain_places(parsed: exp.Expr) -> exp.Expr:
    """`:name` stays `:name`, to which SQLAlchemy binds; dialects write it otherwise. In texts a colon is just that."""

    def plain(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder) and node.name:
            return exp.Var(this=f":{node.name}")
        if isinstance(node, exp.Literal) and node.is_string:
            return exp.Literal.string(node.name.replace(":", "\\:"))
        return node

    return parsed.transform(plain)


def _only_statement(statement: str, dialect: str) -> exp.Expr:
    try:
        found = [each for each in sqlglot.parse(statement, dialect=dialect) if each is not None]
    except (SqlglotError, RecursionError) as error:
        raise _refused("it cannot be parsed") from error
    if len(found) != 1:
        raise _refused(f"it holds {len(found)} statements; one is allowed")
    return found[0]


def _require_tables(parsed: exp.Expr, allowed: set[str]) -> None:
    own = {each.alias_or_name.lower() for each in parsed.find_all(exp.CTE)}
    for table in parsed.find_all(exp.Table):
        name, schema = table.name.lower(), table.db.lower()
        if not name or (name in own and not schema):
            continue  # a function's rows, whose name was looked at, or a part of the statement
        if allowed and name not in allowed and f"{schema}.{name}" not in allowed:
            raise _refused(f"it reads '{table.name}', which is not among the tables of the connector")
        if not allowed and (name.startswith(_INNER) or schema.startswith(_INNER)):
            raise _refused(f"it reads '{table.name}', a table of the database itself")


def _refused(why: str) -> ConnectorError:
    return ConnectorError("statement_refused", f"The statement was refused: {why}.")
