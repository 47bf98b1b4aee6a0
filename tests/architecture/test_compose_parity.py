"""The containers are the embedded platform again: same services, modules, ports, settings, model arguments."""

import os
import re
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.frontend.cli.host.engine import engine_command
from services.frontend.cli.settings import PACKAGED_MODEL, CliSettings
from services.shared.kit.settings import PlatformSettings, port_of
from tests.architecture.compose import UPSTREAM, own_services, services, variables
from tests.architecture.tree import REPOSITORY

ENGINE_SCRIPT = REPOSITORY / "infra" / "docker" / "engine.sh"
ADDRESSES = [name for name in PlatformSettings.model_fields if name.endswith("_url")]
_GUARDIAN = "guardian"  # keeps supervisord alive; Docker needs no such thing


def test_every_embedded_program_has_its_container_and_the_other_way_round() -> None:
    containers = {UPSTREAM.get(name, name) for name in services()} - {"prepare"}

    assert containers == set(_programs())


@pytest.mark.parametrize("name", sorted(own_services().keys() - {"prepare"}))
def test_a_container_runs_the_module_of_its_program(name: str) -> None:
    program = re.search(r" -m ([\w.]+)", _programs()[name])

    assert program is not None
    assert own_services()[name]["command"] == [program[1]]
    assert REPOSITORY.joinpath(*program[1].split("."), "__main__.py").is_file()


@pytest.mark.parametrize("name", own_services())
def test_an_image_is_built_from_the_one_dockerfile_with_an_extra_of_the_project(name: str) -> None:
    build = own_services()[name]["build"]
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert build["dockerfile"] == "infra/docker/Dockerfile"
    assert build["args"]["SERVICE"] in project["optional-dependencies"]


@pytest.mark.parametrize("name", sorted(own_services().keys() - {"prepare"}))
def test_a_container_differs_from_the_embedded_run_in_addresses_only(name: str) -> None:
    environment = own_services()[name]["environment"]
    settings = {key for key in environment if key.startswith("RAGWORKS_")}

    assert settings == {f"RAGWORKS_{address.upper()}" for address in ADDRESSES} | {"RAGWORKS_BIND_HOST"}


@pytest.mark.parametrize("address", ADDRESSES)
def test_ports_are_the_defaults_and_names_are_containers(address: str) -> None:
    written = own_services()["gateway"]["environment"][f"RAGWORKS_{address.upper()}"]
    default = PlatformSettings.model_fields[address].default

    assert port_of(written) == port_of(default)
    assert urlsplit(written).hostname in services()


def test_every_variable_is_a_documented_setting() -> None:
    page = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(RAGWORKS_[A-Z0-9_]+)`", page, flags=re.MULTILINE))

    assert variables() <= documented


def test_vllm_is_started_with_the_arguments_and_the_key_of_the_embedded_run(tmp_path: Path) -> None:
    environment = services()["vllm"]["environment"]
    started = _start_engine_script(tmp_path, environment)
    settings = CliSettings(
        model=environment["RAGWORKS_MODEL"],
        model_name="",
        bind_host=environment["RAGWORKS_BIND_HOST"],
        max_model_len=CliSettings.model_fields["max_model_len"].default,
        engine_args="--enable-lora --max-lora-rank 16",
        engine_python=Path("python3"),
    )

    assert started == ["the-engine-key", *engine_command(settings, on_cpu=False)[1:]]


def test_a_model_in_a_container_is_served_under_the_name_it_has_embedded() -> None:
    default = services()["vllm"]["environment"]["RAGWORKS_MODEL"]

    assert CliSettings(model=default, model_name="").served_model_name == PACKAGED_MODEL


def test_qdrant_gets_its_key_from_the_secret_and_listens_on_the_usual_port() -> None:
    qdrant = services()["qdrant"]

    assert "/run/secrets/vectordb.key" in qdrant["entrypoint"][-1]
    assert int(qdrant["environment"]["QDRANT__SERVICE__HTTP_PORT"]) == port_of(
        PlatformSettings.model_fields["vectordb_url"].default
    )


def _programs() -> dict[str, str]:
    """Name and command of every program of the embedded platform."""
    parser = RawConfigParser()
    parser.read(REPOSITORY / "infra" / "embedded" / "supervisord.conf", encoding="utf-8")
    names = [section.removeprefix("program:") for section in parser if section.startswith("program:")]
    return {name: parser[f"program:{name}"]["command"] for name in names if name != _GUARDIAN}


def _start_engine_script(folder: Path, environment: dict[str, str]) -> list[str]:
    """The key and the arguments that the container's start script gives to a `python3` that only repeats them."""
    key = folder / "engine.key"
    key.write_text("the-engine-key\n", encoding="ascii")
    script = folder / "engine.sh"
    text = ENGINE_SCRIPT.read_text(encoding="utf-8")
    script.write_text(text.replace("/run/secrets/engine.key", str(key)), encoding="utf-8")
    teller = folder / "python3"
    teller.write_text('#!/bin/sh\nprintf "%s\\n" "$VLLM_API_KEY" "$@"\n', encoding="ascii")
    teller.chmod(0o700)
    env = {
        **environment,
        "RAGWORKS_ENGINE_ARGS": "--enable-lora --max-lora-rank 16",
        "PATH": f"{folder}:{os.defpath}",
    }
    return subprocess.run(["/bin/sh", script], env=env, capture_output=True, text=True, check=True).stdout.splitlines()
