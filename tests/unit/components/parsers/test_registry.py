"""Parsers that collections may choose."""

from pathlib import Path

import pytest

from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.registry import (
    PARSERS,
    UnknownParserError,
    chosen_parsers,
    load_parser,
    selectable_parsers,
)

_PAGE = b"<html><title>T</title><body><nav>Home, news</nav><main><p>The pump moves water.</p></main></body></html>"


@pytest.mark.parametrize("parser", selectable_parsers(), ids=lambda parser: parser.name)
def test_every_parser_to_choose_is_there(parser: object) -> None:
    place = str(getattr(parser, "place", ""))
    assert hasattr(load_parser(place), "parse")


def test_another_parser_reads_a_page_in_full() -> None:
    usual = parse_document(_PAGE, filename="a.html")
    whole = parse_document(_PAGE, filename="a.html", parsers={**PARSERS, **chosen_parsers({"text/html": "html-page"})})
    source = parse_document(_PAGE, filename="a.html", parsers={**PARSERS, **chosen_parsers({"text/html": "text"})})

    assert "news" not in usual.text
    assert "news" in whole.text
    assert whole.title == "T"
    assert "<nav>" in source.text
    assert {usual.media_type, whole.media_type, source.media_type} == {MediaType.HTML}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"text/htm": "text"}, "no document is found to be 'text/htm'"),
        ({"text/html": "nonsense"}, "html-page, markdown, text"),
        ({"application/pdf": "text"}, "does not read 'application/pdf'"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_what_can(choice: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownParserError, match=said):
        chosen_parsers(choice)


def test_packages_add_parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "shouting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ragworks.parsers]\nshouting = shouting:Parser\n")
    monkeypatch.syspath_prepend(tmp_path)
    selectable_parsers.cache_clear()
    try:
        assert chosen_parsers({"text/html": "shouting"}) == {"text/html": "shouting:Parser"}
    finally:
        selectable_parsers.cache_clear()
