"""Asks the service in this container whether it is alive; Docker runs it every few seconds.

Only the standard library, so that it costs next to nothing. The port is the one in the service's own address.
"""

import http.client
import os
from urllib.parse import urlsplit

_TIMEOUT_S = 3


def main() -> None:
    """Ends with an error unless `/healthz` answers 200."""
    variable = f"RAGWORKS_{os.environ['SERVICE'].upper()}_URL"
    port = urlsplit(os.environ[variable]).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    if status != http.HTTPStatus.OK:
        raise SystemExit(f"/healthz answered {status}")


if __name__ == "__main__":
    main()
