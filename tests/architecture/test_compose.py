"""docker-compose.yml: what can be known of it without a Docker engine."""

import json
import re
import tomllib
from importlib import resources
from typing import Any

import jsonschema
import pytest

from tests.architecture.compose import compose, own_services, services
from tests.architecture.tree import REPOSITORY


def test_the_file_follows_the_compose_specification() -> None:
    schemas = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text(encoding="utf-8"))

    jsonschema.validate(compose(), schema)


def test_only_the_gateway_is_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert published == {"gateway": ["127.0.0.1:8080:8080"]}


def test_the_inner_network_has_no_way_out() -> None:
    assert compose()["networks"]["inner"] == {"internal": True}
    outward = {name for name, service in services().items() if "outer" in service.get("networks", [])}
    assert outward == {"connectors", "gateway", "ingest", "vllm"}


@pytest.mark.parametrize("name", services())
def test_a_container_cannot_write_its_image_or_gain_rights(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", services())
def test_images_are_pinned(name: str) -> None:
    image = services()[name]["image"]

    assert re.search(r":v?\d+\.\d+\.\d+(-[a-z]+)?$", image), image


def test_our_images_have_the_version_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert {service["image"].rsplit(":", 1)[1] for service in own_services().values()} == {project["version"]}


@pytest.mark.parametrize("name", services())
def test_what_a_service_names_is_defined(name: str) -> None:
    service, defined = services()[name], compose()

    assert {_source(secret) for secret in service.get("secrets", [])} <= set(defined["secrets"])
    assert {_source(config) for config in service.get("configs", [])} <= set(defined["configs"])
    assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(defined["volumes"])
    assert set(service.get("networks", [])) <= set(defined["networks"])
    assert set(service.get("depends_on", {})) <= set(services())


def test_every_secret_of_the_file_is_made_by_the_script() -> None:
    script = (REPOSITORY / "infra" / "docker" / "make-secrets.sh").read_text(encoding="utf-8")
    made = set(re.findall(r"^make (\w+)", script, flags=re.MULTILINE))

    assert {name: entry["file"] for name, entry in compose()["secrets"].items()} == {
        name: f"./var/docker/secrets/{name}.key" for name in made
    }


def test_no_secret_travels_in_the_environment() -> None:
    named = {name for service in services().values() for name in service.get("environment", {})}

    assert not {name for name in named if name.endswith(("_KEY", "_PASSWORD"))}


def _source(entry: Any) -> str:
    return entry if isinstance(entry, str) else entry["source"]
