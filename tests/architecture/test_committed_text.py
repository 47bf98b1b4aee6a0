"""What must not stand in a committed file: hosts of registries, folders of a machine, secrets, unfinished work."""

import re

import pytest

from tests.architecture.tree import REPOSITORY, files, text_of

# Put together from halves, so that this file passes its own tests.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "download" + ".pytorch.org",
    "ghcr" + ".io",
]
MACHINE_FOLDERS = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "wheels", "/ho" + "me/runner"]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "not " + "implemented", "raise Not" + "ImplementedError"]
SECRET_SHAPES = [
    "rw-" + "[0-9a-f]{64}",
    "sk-" + "[A-Za-z0-9]{40,}",
    "hf_" + "[A-Za-z0-9]{30,}",
    "-----BEGIN " + "[A-Z ]*PRIVATE",
]

_BINARY = {".pdf", ".docx", ".png", ".ico", ".woff2", ".zip", ".gz"}
_TEXTS = {
    path: text_of(path)
    for path in files()
    if path.suffix not in _BINARY and b"\0" not in (REPOSITORY / path).read_bytes()
}


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_file_names_a_registry(host: str) -> None:
    assert [path for path, text in _TEXTS.items() if host in text] == []


@pytest.mark.parametrize("folder", MACHINE_FOLDERS)
def test_no_file_names_a_folder_of_somebodys_machine(folder: str) -> None:
    path_like = re.compile(rf"(?<![\w.}}>]){re.escape(folder)}")

    assert [path for path, text in _TEXTS.items() if path_like.search(text)] == []


@pytest.mark.parametrize("words", UNFINISHED)
def test_nothing_unfinished_is_committed(words: str) -> None:
    phrase = re.compile(rf"\b{re.escape(words)}\b")

    assert [path for path, text in _TEXTS.items() if path.suffix != ".txt" and phrase.search(text)] == []


@pytest.mark.parametrize("shape", SECRET_SHAPES)
def test_no_secret_is_committed(shape: str) -> None:
    assert [path for path, text in _TEXTS.items() if re.search(shape, text)] == []


def test_no_lock_file_that_records_hosts_is_committed() -> None:
    assert [path for path in files() if path.name in {"uv.lock", "pylock.toml", "poetry.lock"}] == []
