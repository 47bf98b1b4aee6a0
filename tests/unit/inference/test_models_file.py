"""The catalogue's file: what it may say, and how it is told what is wrong with it."""

from pathlib import Path

import pytest

from services.inference.adapters.models_file import ModelsFileError, read_models_file

_GOOD = """
[slo.interactive]
ttft_ms = 1500
itl_ms = 100
priority = 1

[[models]]
name = "small"
aliases = ["default"]
replicas = ["http://127.0.0.1:8100/v1", { url = "http://127.0.0.1:8200", key_env = "SECOND" }]
slo = "interactive"
fallback = "large"
adapters = [{ name = "legal", path = "/adapters/legal" }]

[[models]]
name = "large"
kind = "openai"
served_name = "gpt-large"
context = 128000
replicas = ["https://api.example.com/v1"]
price_in = 2.5
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "models.toml"
    path.write_text(text)
    return path


def test_names_aliases_and_adapters_stand_for_what_replicas_call_them(tmp_path: Path) -> None:
    small, large = read_models_file(_written(tmp_path, _GOOD)).models
    assert [replica.url for replica in small.replicas] == ["http://127.0.0.1:8100", "http://127.0.0.1:8200"]
    assert list(small.names) == ["small", "default", "legal"]
    assert (small.upstream_name("default"), small.upstream_name("legal")) == ("small", "legal")
    assert large.upstream_name("large") == "gpt-large"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("priority = 1", "priority = ", 5, "Invalid value"),
        ("ttft_ms = 1500", "ttft_ms = -1", 3, "greater than 0"),
        ('name = "large"\n', 'name = "large"\ncolour = "red"\n', 17, "not a setting"),
        ('fallback = "large"', 'fallback = "huge"', 12, "'huge' is not declared; declared: large"),
        ('slo = "interactive"', 'slo = "fast"', 11, "'fast' is not declared; declared: interactive"),
        ("price_in = 2.5", "price_in = -2.5", 21, "greater than or equal to 0"),
        ("https://api.example.com/v1", "api.example.com", 20, "must be an address"),
        ("https://api", "https://user:secret@api", 20, "must hold no key"),
        ("context = 128000\n", "", 15, "say how many tokens"),
        ("http://127.0.0.1:8200", "http://127.0.0.1:8100", 7, "is listed twice"),
        ('name = "large"', 'name = "legal"', None, "'legal' is given twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int | None, said: str) -> None:
    assert old in _GOOD
    path = _written(tmp_path, _GOOD.replace(old, new))
    with pytest.raises(ModelsFileError) as caught:
        read_models_file(path)
    message = str(caught.value)
    assert said in message
    assert str(path) in message
    assert line is None or f"line {line}" in message
    assert "secret" not in message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelsFileError, match="RAGWORKS_INFERENCE_MODELS"):
        read_models_file(tmp_path / "models.toml")
