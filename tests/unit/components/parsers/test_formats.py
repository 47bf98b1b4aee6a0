"""What each parser makes of the things that its format has."""

from itertools import pairwise

import pytest

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import SAMPLES, pdf


@pytest.fixture(scope="module")
def handbook() -> ParsedDocument:
    return parse_document((SAMPLES / "aurora-handbook.pdf").read_bytes(), filename="aurora-handbook.pdf")


def _headings(document: ParsedDocument) -> list[tuple[int, str]]:
    return [(b.level, b.headings[-1]) for b in document.blocks if b.kind is BlockKind.HEADING]


def test_a_pdf_keeps_its_headings_with_one_level_for_one_style(handbook: ParsedDocument) -> None:
    assert _headings(handbook) == [
        (1, "Aurora Field Station Handbook"),
        (2, "1 The station"),
        (2, "2 Power"),
        (3, "2.1 Starting the diesel generator by hand"),
        (2, "3 Network"),
        (3, "3.1 Ports and limits"),
        (3, "3.2 Radio watch"),
        (2, "4 Cold weather limits"),
        (2, "5 Emergencies"),
        (3, "5.1 Fire"),
        (3, "5.2 Search plan"),
        (2, "6 Contacts"),
    ]


@pytest.mark.parametrize(
    ("row", "page"),
    [
        ("| Diesel generator Bruno | 85 kW | 9,400 litres | 250 running hours |", 1),
        ("| Camera relay | 7431 | RTSP | 2 viewers |", 2),
        ("| Air | 129.70 MHz | the supply plane | AURORA FIELD |", 2),
        ("| Drone Petrel | -20 °C | 11 m/s | 1 |", 3),  # its column gap runs down the page
        ("| Power technician | Ruth Lindqvist | 212 |", 3),
    ],
)
def test_a_pdf_keeps_its_tables_and_their_pages(handbook: ParsedDocument, row: str, page: int) -> None:
    at = handbook.text.index(row)
    table = next(block for block in handbook.blocks if block.char_start <= at < block.char_end)
    assert (table.kind, table.page) == (BlockKind.TABLE, page)


def test_a_pdf_has_each_table_once(handbook: ParsedDocument) -> None:
    assert sum(block.kind is BlockKind.TABLE for block in handbook.blocks) == 5


def test_a_pdf_loses_its_running_headers_and_page_numbers(handbook: ParsedDocument) -> None:
    assert "edition 7" not in handbook.text
    assert "of 3" not in handbook.text


def test_the_pages_of_a_pdf_follow_each_other(handbook: ParsedDocument) -> None:
    assert [page.number for page in handbook.pages] == [1, 2, 3]
    assert all(one.char_end <= next_one.char_start for one, next_one in pairwise(handbook.pages))
    assert handbook.pages[-1].char_end == len(handbook.text)


def test_pages_without_text_keep_the_numbers_of_the_others_right() -> None:
    document = parse_document(pdf([], ["Second page."], [], ["Fourth page."]), filename="a.pdf")
    assert [block.page for block in document.blocks] == [2, 4]


def test_a_web_page_loses_its_furniture_and_keeps_its_content() -> None:
    name = "aurora-instruments.html"
    document = parse_document((SAMPLES / name).read_bytes(), filename=name)
    assert document.title == "Instruments at Aurora field station"
    for furniture in ("cookie", "Jobs on the ice", "knit", "Imprint", "visits", "font-family"):
        assert furniture not in document.text
    assert "| Lidar Heron | height of clouds up to 7.5 km | 30 seconds | 2014 |" in document.text
    assert "GET /archive/mast-m1" in document.text


def test_a_page_that_is_all_furniture_keeps_its_text() -> None:
    page = b"<html><body><nav><p>" + b"Everything stands in the navigation. " * 5 + b"</p></nav></body></html>"
    assert "Everything stands" in parse_document(page, filename="a.html").text


def test_the_encoding_that_a_page_declares_is_used() -> None:
    page = "<html><head><meta charset='iso-8859-2'></head><body><p>Zażółć gęślą jaźń</p></body></html>"
    assert "Zażółć gęślą jaźń" in parse_document(page.encode("iso-8859-2"), filename="a.html").text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_in_any_encoding(encoding: str) -> None:
    text = "Die Straße führt über die Brücke nach Österreich, dann weiter für ein schönes Stück. " * 5
    assert parse_document(text.encode(encoding), filename="a.txt").text == text.strip()


def test_nothing_in_plain_text_is_markup() -> None:
    document = parse_document(b"# a comment\n\n| not | a table |\n\n- last", filename="a.txt")
    assert {block.kind for block in document.blocks} == {BlockKind.PARAGRAPH}


def test_markdown_front_matter_gives_the_title_and_is_no_text() -> None:
    document = parse_document(b"---\ntitle: 'Ports'\ntags: [a]\n---\n# Other\n\ntext\n", filename="a.md")
    assert document.title == "Ports"
    assert document.text == "# Other\n\ntext"


def test_markdown_code_is_not_searched_for_headings() -> None:
    source = "# One\n\n```sh\n# a comment\n\n| a | b |\n```\n\nUnder\n-----\n\n~~~\nnever closed\n\n## Two\n"
    document = parse_document(source.encode(), filename="a.md")
    assert _headings(document) == [(1, "One"), (2, "Under"), (2, "Two")]
    assert [b.kind for b in document.blocks][1] is BlockKind.CODE


def test_heading_paths_follow_the_levels() -> None:
    document = parse_document(b"# A\n\n### B\n\nb\n\n## [C](http://x) `d`\n\nc\n\n# D\n\nd\n", filename="a.md")
    paths = [block.headings for block in document.blocks if block.kind is BlockKind.PARAGRAPH]
    assert paths == [("A", "B"), ("A", "C d"), ("D",)]


def test_a_long_text_is_parsed_in_linear_time() -> None:
    document = parse_document(b"A sentence of a very long book.\n" * 200_000, filename="book.txt")
    assert len(document.text) > 6_000_000
