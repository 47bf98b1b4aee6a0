"""What a script sees of `ragworks` when there is no platform: exit codes, plain text, where to go from there."""

import json
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.platforms import platform_environment, ragworks


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A home where nothing runs."""
    return platform_environment(tmp_path / "home")


@pytest.fixture
def with_key(env: dict[str, str]) -> dict[str, str]:
    return {**env, "RAGWORKS_API_KEY": "rw-test"}


@pytest.fixture
def taken_port(env: dict[str, str]) -> Generator[int]:
    """The gateway's port, held by this test."""
    with socket.socket() as holder:
        port = int(env["RAGWORKS_GATEWAY_URL"].rsplit(":", 1)[1])
        holder.bind(("127.0.0.1", port))
        holder.listen()
        yield port


def test_help_is_0_and_names_the_exit_codes(env: dict[str, str]) -> None:
    result = ragworks("--help", env=env)
    assert result.returncode == 0
    assert "the platform is not up" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["search"],
        ["search", "x", "--limit", "0"],
        ["ingest"],
        ["jobs", "show"],
        ["jobs", "list", "--status", "x"],
    ],
)
def test_wrong_usage_is_2(env: dict[str, str], arguments: list[str]) -> None:
    assert ragworks(*arguments, env={**env, "RAGWORKS_API_KEY": "rw-test"}).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "Anybody?"],
        ["search", "x"],
        ["collections"],
        ["collections", "show", "docs"],
        ["jobs"],
        ["jobs", "failed", "job-1"],
        ["jobs", "retry", "job-1"],
        ["jobs", "pause", "job-1", "--json"],
    ],
)
def test_a_platform_that_is_not_up_is_3_and_says_how_to_start_it(
    with_key: dict[str, str], arguments: list[str]
) -> None:
    result = ragworks(*arguments, env=with_key)
    assert result.returncode == 3
    assert with_key["RAGWORKS_GATEWAY_URL"] in result.stderr
    assert "make up" in result.stderr
    assert result.stdout == ""


def test_watching_a_platform_that_is_not_up_is_3_once_its_patience_is_over(with_key: dict[str, str]) -> None:
    result = ragworks("jobs", "watch", "job-1", env={**with_key, "RAGWORKS_PATIENCE_S": "1"})
    assert result.returncode == 3
    assert "make up" in result.stderr


@pytest.mark.parametrize("command", ["list", "show", "watch", "failed", "retry", "cancel", "pause", "resume"])
def test_the_help_of_every_command_on_jobs_has_an_example(env: dict[str, str], command: str) -> None:
    result = ragworks("jobs", command, "--help", env=env)
    assert result.returncode == 0
    assert f"ragworks jobs {command}" in result.stdout


def test_a_missing_key_is_3_and_says_where_keys_come_from(env: dict[str, str]) -> None:
    result = ragworks("ask", "Anybody?", env=env)
    assert result.returncode == 3
    assert "RAGWORKS_API_KEY" in result.stderr


def test_status_of_nothing_is_3_with_every_service_in_json(env: dict[str, str]) -> None:
    result = ragworks("status", "--json", env=env)
    assert result.returncode == 3
    status = json.loads(result.stdout)
    assert (status["running"], status["ready"]) == (False, False)
    assert {"gateway", "engine", "vectordb"} <= {service["name"] for service in status["services"]}


def test_stopping_nothing_is_0(env: dict[str, str]) -> None:
    assert ragworks("down", env=env).returncode == 0


def test_a_folder_with_nothing_to_ingest_is_1(with_key: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".hidden").touch()
    result = ragworks("ingest", str(tmp_path / "empty"), env=with_key)
    assert result.returncode == 1
    assert "1 hidden" in result.stderr


def test_an_unknown_log_is_2_and_lists_the_services(env: dict[str, str]) -> None:
    result = ragworks("logs", "gatway", env=env)
    assert result.returncode == 2
    assert "gateway" in result.stderr


def test_a_port_that_is_taken_is_told_with_its_holder_and_what_to_do(env: dict[str, str], taken_port: int) -> None:
    result = ragworks("up", "--no-sample", env=env)
    assert result.returncode == 1
    assert f"Port {taken_port}, which gateway needs, is already taken by pid" in result.stderr
    assert "RAGWORKS_GATEWAY_URL=" in result.stderr
    assert ragworks("status", env=env).returncode == 3


def test_a_home_that_is_not_prepared_says_so(env: dict[str, str]) -> None:
    (Path(env["RAGWORKS_HOME"]) / "models").unlink()
    result = ragworks("up", "--no-sample", env=env)
    assert result.returncode == 1
    assert "make prepare" in result.stderr


def test_a_full_disk_is_told_before_anything_starts(env: dict[str, str]) -> None:
    result = ragworks("up", "--no-sample", env={**env, "RAGWORKS_MIN_FREE_DISK_BYTES": str(2**60)})
    assert result.returncode == 1
    assert "of disk are free" in result.stderr


def test_output_that_is_not_a_terminal_has_no_colours(env: dict[str, str]) -> None:
    result = ragworks("status", env=env)
    assert "\x1b" not in result.stdout + result.stderr
