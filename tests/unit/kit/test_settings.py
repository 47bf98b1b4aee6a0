"""What every process reads from the environment."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from services.shared.kit.settings import port_of
from tests.unit.kit.conftest import AlphaSettings


def test_the_environment_overrides_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAGWORKS_HOME", str(tmp_path))
    monkeypatch.setenv("RAGWORKS_CORPUS_URL", "http://corpus.internal:9000")
    settings = AlphaSettings()
    assert settings.secrets_dir == tmp_path / "secrets"
    assert settings.corpus_url == "http://corpus.internal:9000"
    assert settings.retrieval_url == "http://127.0.0.1:8103"


def test_settings_cannot_change() -> None:
    settings = AlphaSettings()
    with pytest.raises(ValidationError):
        settings.log_level = "debug"  # type: ignore[misc]  # the point of the test


def test_a_secret_from_the_environment_wins_over_its_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "engine.key").write_text("from the file\n")
    assert AlphaSettings(home=tmp_path).secret("engine").get_secret_value() == "from the file"
    configured = AlphaSettings(home=tmp_path, engine_key=SecretStr("from the environment"))
    assert configured.secret("engine").get_secret_value() == "from the environment"


def test_a_missing_secret_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="RAGWORKS_INTERNAL_KEY or let 'ragworks up' create"):
        AlphaSettings(home=tmp_path).secret("internal")


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "internal.key").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        AlphaSettings(home=tmp_path).secret("internal")


def test_a_secret_is_not_printed(tmp_path: Path) -> None:
    assert "hunter2" not in repr(AlphaSettings(home=tmp_path, engine_key=SecretStr("hunter2")))


def test_the_port_is_the_one_in_the_services_own_address() -> None:
    assert port_of("http://127.0.0.1:8101") == 8101
    assert port_of("https://rag.example") == 443
    assert port_of("http://rag.example/path") == 80
