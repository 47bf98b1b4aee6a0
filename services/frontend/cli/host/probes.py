"""Asks the processes on this machine whether they are ready."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from services.frontend.cli.host.catalogue import Service
from services.frontend.cli.settings import CliSettings

_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Readiness:
    """Whether a service can work, and what it waits for when it cannot."""

    ready: bool
    detail: str = ""


def probe_all(settings: CliSettings, services: tuple[Service, ...]) -> dict[str, Readiness]:
    """The readiness of each service, asked at the same time."""
    with ThreadPoolExecutor(max_workers=max(len(services), 1)) as pool:
        answers = pool.map(lambda service: probe(settings.address(service.name), service.ready_path), services)
        return {service.name: answer for service, answer in zip(services, answers, strict=True)}


def probe(url: str, path: str) -> Readiness:
    """Ask one service."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path.rstrip("/") + path)
        response = connection.getresponse()
        body = response.read()
    except TimeoutError:
        return Readiness(ready=False, detail="does not answer")
    except (OSError, http.client.HTTPException):
        return Readiness(ready=False)
    finally:
        connection.close()
    return Readiness(ready=response.status == 200, detail="" if response.status == 200 else _waits_for(body))


def _waits_for(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return ""
    states = cast("dict[str, str]", checks)
    return "waits for " + ", ".join(name for name, state in states.items() if state != "ready")
