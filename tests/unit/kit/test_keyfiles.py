"""Secrets in files."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.shared.kit.keyfiles import ensure_key_file


def test_a_new_key_is_random_prefixed_and_private(tmp_path: Path) -> None:
    one = ensure_key_file(tmp_path / "secrets" / "one.key", prefix="rw-")
    two = ensure_key_file(tmp_path / "secrets" / "two.key")
    assert one.startswith("rw-")
    assert len(one) == 67
    assert one[3:] != two
    assert stat.S_IMODE((tmp_path / "secrets" / "one.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    assert ensure_key_file(file) == ensure_key_file(file)
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: ensure_key_file(tmp_path / "a.key"), range(64)))
    assert len(keys) == 1
    assert "" not in keys


def test_an_existing_key_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    file.write_text("  chosen by the operator\n")
    assert ensure_key_file(file) == "chosen by the operator"
    assert file.read_text() == "  chosen by the operator\n"


def test_an_empty_key_file_is_an_error_and_never_an_empty_secret(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    file.write_text("\n")
    with pytest.raises(ValueError, match="is empty: delete it"):
        ensure_key_file(file)
