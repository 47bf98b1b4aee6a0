"""The Dockerfile, and the extras it installs: each image holds what its service needs."""

import re
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from tests.architecture.imports import installed_by, needed_packages, reached_from
from tests.architecture.tree import REPOSITORY, services, text_of

DOCKERFILE = Path("infra", "docker", "Dockerfile")
HEALTHCHECK = REPOSITORY / "infra" / "docker" / "healthcheck.py"
PROJECT = tomllib.loads(text_of(Path("pyproject.toml")))["project"]
ON_DEMAND = {"ingest": ("ray",)}
"""Extras for what a service imports only when a setting asks for it."""
DEPLOYED = {folder.name: folder for folder in services()} | {
    folder.parent.name: folder.parent.relative_to(REPOSITORY) for folder in REPOSITORY.glob("pipelines/*/__main__.py")
}


def test_every_deployed_folder_has_its_extra() -> None:
    assert DEPLOYED.keys() <= PROJECT["optional-dependencies"].keys()


@pytest.mark.parametrize("name", sorted(DEPLOYED))
def test_an_extra_brings_every_package_that_its_service_imports(name: str) -> None:
    extras = (name, *ON_DEMAND.get(name, ()))
    requirements = (
        *PROJECT["dependencies"],
        *(each for extra in extras for each in PROJECT["optional-dependencies"][extra]),
    )
    brought = installed_by(requirements)
    distributions = metadata.packages_distributions()

    missing = {
        f"{package} (imported by {path})"
        for package, path in needed_packages(reached_from(DEPLOYED[name])).items()
        if not brought & {canonicalize_name(found) for found in distributions.get(package, [])}
    }

    assert missing == set()


def test_a_container_does_not_run_as_root() -> None:
    stages = re.split(r"^FROM .* AS ", text_of(DOCKERFILE), flags=re.MULTILINE)[1:]
    users = {stage.split()[0]: re.findall(r"^USER (\S+)", stage, flags=re.MULTILINE) for stage in stages}

    assert {name: users[name] for name in ("service", "prepare")} == {
        "service": ["10001:10001"],
        "prepare": ["10001:10001"],
    }


def test_what_the_dockerfile_copies_is_in_the_repository() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of(DOCKERFILE), flags=re.MULTILINE)

    missing = [source for line in copies for source in line.split() if not (REPOSITORY / source).exists()]
    assert missing == []


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_the_port_in_the_services_own_address(status: int, healthy: bool) -> None:
    with _answering(status) as server:
        environment = {"SERVICE": "corpus", "RAGWORKS_CORPUS_URL": f"http://corpus:{server.server_port}"}
        result = subprocess.run([sys.executable, "-I", HEALTHCHECK], env=environment, check=False, capture_output=True)

    assert (result.returncode == 0) is healthy


class _answering(HTTPServer):  # noqa: N801 - used as a verb
    """A server that answers `/healthz` with one status while the block runs."""

    def __init__(self, status: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/healthz" else 404)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def __enter__(self) -> "_answering":
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
