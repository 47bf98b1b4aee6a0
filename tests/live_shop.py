"""A shop's database and an outside desk, declared as connectors: live data for tests of the whole platform."""

import sqlite3
from pathlib import Path

from tests.outside_desk import HOSTILE

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

[[connectors]]
name = "desk"
kind = "openapi"

[connectors.config]
spec = "http://DESK/openapi.json"
operations = ["hours", "visit"]
"""


def connectors_environment(folder: Path, desk: str) -> dict[str, str]:
    """What a platform's environment needs for them; `desk` is the host and port of `outside_desk`."""
    database = folder / "shop.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, city TEXT)")
        connection.execute("INSERT INTO orders VALUES ('A-17', 'shipped', 'Bergen'), ('A-18', 'waiting', 'Oslo')")
        connection.execute("INSERT INTO orders VALUES ('X-66', ?, ?)", ("<script>alert(30)</script>", HOSTILE))
    connection.close()
    file = folder / "connectors.toml"
    file.write_text(_FILE.replace("DESK", desk))
    return {
        "RAGWORKS_CONNECTORS_FILE": str(file),
        "RAGWORKS_CONNECTORS_PRIVATE_HOSTS": f'["{desk}"]',
        "SHOP_DATABASE": f"sqlite:///{database}",
    }
