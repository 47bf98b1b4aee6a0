"""Writes docs/configuration.md from the settings classes: `python -m infra.docs.configuration [--check]`.

Nothing is listed here by hand: every `settings.py` below services/ and pipelines/ gets its section.
"""

import argparse
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from infra.docs.field_text import row
from services.shared.kit.settings import PlatformSettings

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "configuration.md"
PROSE = Path(__file__).with_name("configuration-prose.md")

_TABLE_HEAD = "| variable | default | value | meaning |\n|---|---|---|---|"


def main() -> None:
    """Write the page, or with --check fail when it is not what would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    page = render()
    if not parser.parse_args().check:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
        raise SystemExit("docs/configuration.md is out of date: run 'make docs'.")


def render() -> str:
    """The whole page."""
    sections = [_section(settings) for settings in settings_classes()]
    return "\n\n".join([PROSE.read_text(encoding="utf-8").strip(), *sections]) + "\n"


def settings_classes() -> list[type[PlatformSettings]]:
    """What every service reads first, then each `settings.py` by the order of its path."""
    found = [PlatformSettings]
    for top in ("services", "pipelines"):
        for path in sorted((REPOSITORY / top).rglob("settings.py")):
            found += [cls for cls in _classes_of(path) if cls not in found]
    return found


def _classes_of(path: Path) -> Iterator[type[PlatformSettings]]:
    module = import_module(".".join(path.relative_to(REPOSITORY).with_suffix("").parts))
    for _, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, PlatformSettings) and member.__module__ == module.__name__:
            yield member


def _section(settings: type[PlatformSettings]) -> str:
    own = [(name, field) for name, field in settings.model_fields.items() if name in settings.__annotations__]
    rows = "\n".join(row(f"RAGWORKS_{name.upper()}", field, repository=REPOSITORY) for name, field in own)
    about = (inspect.getdoc(settings) or "").split("\n", maxsplit=1)[0]
    table = f"{_TABLE_HEAD}\n{rows}" if own else "No settings of its own."
    return f"## {_title(settings)}\n\n{about}\n\n{table}"


def _title(settings: type[PlatformSettings]) -> str:
    if settings is PlatformSettings:
        return "Every service"
    folders = settings.__module__.split(".")[:-1]
    return "/".join(folders)


if __name__ == "__main__":
    main()
