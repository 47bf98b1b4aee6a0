"""A shop's database, and the file that declares it as a connector: live data for tests of the whole platform."""

import sqlite3
from pathlib import Path

_FILE = """
[[connectors]]
name = "shop"
kind = "sql"
allow = ["everyone"]

[connectors.config]
url = "env:SHOP_DATABASE"

[connectors.config.queries.order_status]
description = "The status of an order."
sql = 'SELECT id AS "order", status, city FROM orders WHERE id = :order'
parameters = {order = "string"}
cache_s = 60

[[connectors.questions]]
tool = "order_status"
ask = "order {order}"
"""


def connectors_environment(folder: Path) -> dict[str, str]:
    """What a platform's environment needs for it."""
    database = folder / "shop.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, city TEXT)")
        connection.execute("INSERT INTO orders VALUES ('A-17', 'shipped', 'Bergen'), ('A-18', 'waiting', 'Oslo')")
    connection.close()
    file = folder / "connectors.toml"
    file.write_text(_FILE)
    return {"RAGWORKS_CONNECTORS_FILE": str(file), "SHOP_DATABASE": f"sqlite:///{database}"}
