"""Links between the pages: each leads somewhere, and each page can be reached."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY, files_ending, text_of

_CODE = re.compile(r"```.*?```|`[^`\n]*`", flags=re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", flags=re.MULTILINE)
_PAGES = files_ending(".md")


@pytest.mark.parametrize("page", _PAGES, ids=str)
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert [link for link in _relative_links(page) if not _leads_somewhere(page, link)] == []


@pytest.mark.parametrize("page", [path for path in _PAGES if path.parent == Path("docs")], ids=str)
def test_every_page_is_linked_from_the_front(page: Path) -> None:
    fronts = [Path("README.md"), Path("docs", "README.md")]
    linked = {_target(front, link) for front in fronts for link in _relative_links(front)}

    assert page in fronts or (REPOSITORY / page).resolve() in linked


@pytest.mark.parametrize("page", [path for path in _PAGES if path.parent == Path("docs", "decisions")], ids=str)
def test_every_decision_is_linked_from_their_list(page: Path) -> None:
    index = Path("docs", "decisions", "README.md")
    linked = {_target(index, link) for link in _relative_links(index)}

    assert page == index or (REPOSITORY / page).resolve() in linked


def _relative_links(page: Path) -> list[str]:
    links = _LINK.findall(_CODE.sub("", text_of(page)))
    return [link for link in links if not re.match(r"[a-z][a-z0-9+.-]*:", link)]


def _target(page: Path, link: str) -> Path:
    place = link.split("#", maxsplit=1)[0]
    return (REPOSITORY / page.parent / place).resolve() if place else (REPOSITORY / page).resolve()


def _leads_somewhere(page: Path, link: str) -> bool:
    target, _, anchor = _target(page, link), *link.partition("#")[1:]
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """The anchors a Markdown page gets from its headings, as code hosts make them."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    return set(plain)
