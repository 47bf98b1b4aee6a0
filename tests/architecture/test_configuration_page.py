"""docs/configuration.md is what the settings classes say."""

import inspect
import re
import subprocess
import sys
from importlib import import_module

import pytest

from services.shared.kit.settings import PlatformSettings
from tests.architecture.tree import REPOSITORY

PAGE = REPOSITORY / "docs" / "configuration.md"
_SECTION = re.compile(r"^## ((?:services|pipelines)/\S+)$(.*?)(?=^## |\Z)", flags=re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(RAGWORKS_\w+)` \| (?:`(.*?)`)?", flags=re.MULTILINE)


def test_the_page_is_up_to_date() -> None:
    check = [sys.executable, "-m", "infra.docs.configuration", "--check"]

    result = subprocess.run(check, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr


def test_every_settings_file_has_its_section() -> None:
    files = [path for top in ("services", "pipelines") for path in (REPOSITORY / top).rglob("settings.py")]
    expected = {path.parent.relative_to(REPOSITORY).as_posix() for path in files}

    assert set(_sections()) == expected - {"services/shared/kit"}


@pytest.mark.parametrize("section", re.findall(r"^## ((?:services|pipelines)/\S+)$", PAGE.read_text(), re.MULTILINE))
def test_a_default_as_the_page_writes_it_is_accepted_and_changes_nothing(
    section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = _classes_of(section)
    as_it_is = [settings() for settings in classes]

    for variable, default in _ROW.findall(_sections()[section]):
        if default:
            monkeypatch.setenv(variable, default.replace("<repository>", str(REPOSITORY)))

    assert [settings() for settings in classes] == as_it_is


def test_the_page_names_no_folder_of_this_machine() -> None:
    assert str(REPOSITORY) not in PAGE.read_text(encoding="utf-8")


def _sections() -> dict[str, str]:
    return dict(_SECTION.findall(PAGE.read_text(encoding="utf-8")))


def _classes_of(section: str) -> list[type[PlatformSettings]]:
    module = import_module(section.replace("/", ".") + ".settings")
    members = [member for _, member in inspect.getmembers(module, inspect.isclass)]
    return [cls for cls in members if issubclass(cls, PlatformSettings) and cls.__module__ == module.__name__]
