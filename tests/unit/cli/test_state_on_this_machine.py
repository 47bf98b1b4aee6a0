"""Files of a running platform: sockets, logs, addresses."""

import json
import os
from pathlib import Path

import pytest

from services.frontend.cli.exits import CliError
from services.frontend.cli.host.log_files import Follower, last_lines
from services.frontend.cli.host.socket_path import ensure_private_folder, socket_path
from services.frontend.cli.settings import load_settings, running_settings


def test_a_short_path_keeps_its_socket_in_the_run_folder() -> None:
    assert socket_path(Path("/srv/ragworks/run")) == Path("/srv/ragworks/run/supervisor.sock")


def test_a_path_too_long_for_a_socket_gets_a_short_one_of_its_own() -> None:
    first, second = (socket_path(Path(f"/{'very-long-name/' * 12}{name}/run")) for name in ("a", "b"))
    assert len(os.fsencode(first)) < 96
    assert first != second


def test_the_run_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    ensure_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_run_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(tmp_path)
    with pytest.raises(CliError):
        ensure_private_folder(tmp_path / "run")


def test_the_end_of_a_long_log_is_found_without_reading_it_all(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    log.write_text("".join(f"line {number}\n" for number in range(50_000)))
    assert last_lines(log, 2) == ["line 49998", "line 49999"]
    assert last_lines(log, 0) == []
    assert last_lines(tmp_path / "none.log", 5) == []


def test_a_log_is_followed_through_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    log.write_text("old\n")
    follower = Follower(log)
    with log.open("a") as file:
        file.write("one\nhal")
    assert list(follower.new_lines()) == ["one"]
    with log.open("a") as file:
        file.write("f\n")
    assert list(follower.new_lines()) == ["half"]
    log.rename(tmp_path / "gateway.log.1")
    log.write_text("new\n")
    assert list(follower.new_lines()) == ["new"]


def test_commands_find_the_platform_at_the_addresses_it_was_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGWORKS_HOME", str(tmp_path))
    monkeypatch.delenv("RAGWORKS_GATEWAY_URL", raising=False)
    marker = load_settings().marker
    marker.parent.mkdir()
    marker.write_text(json.dumps({"gateway_url": "http://127.0.0.1:9080"}))
    assert running_settings().gateway_url == "http://127.0.0.1:9080"
    assert running_settings(url="http://elsewhere:1").gateway_url == "http://elsewhere:1"
    monkeypatch.setenv("RAGWORKS_GATEWAY_URL", "http://127.0.0.1:7080")
    assert running_settings().gateway_url == "http://127.0.0.1:7080"
