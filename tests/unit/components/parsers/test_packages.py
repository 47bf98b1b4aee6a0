"""What is made of presentations, workbooks, OpenDocument texts and books."""

from datetime import date, datetime, time

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.packages import epub, odt, odt_table, pptx, shape, slide_table, workbook


def _headings(document: ParsedDocument) -> list[tuple[int, str]]:
    return [(b.level, b.headings[-1]) for b in document.blocks if b.kind is BlockKind.HEADING]


def _where(document: ParsedDocument, text: str) -> tuple[tuple[str, ...], int | None]:
    """The heading path and the page of the block that holds this text."""
    at = document.text.index(text)
    block = next(block for block in document.blocks if block.char_start <= at < block.char_end)
    return block.headings, block.page


def test_slides_are_pages_in_the_order_in_which_they_are_shown() -> None:
    talk = pptx(
        shape("Aurora", kind="ctrTitle") + shape("A station", kind="subTitle"),
        shape("Two pumps", kind="") + shape("Water", kind="title"),
        shape("A remark in a box"),
        notes={2: "Say why."},
    )
    document = parse_document(talk, filename="talk.pptx")
    assert document.title == "Aurora"
    assert _headings(document) == [(1, "Aurora"), (2, "Water"), (3, "Notes"), (2, "Slide 3")]
    assert _where(document, "- Two pumps") == (("Aurora", "Water"), 2)
    assert _where(document, "Say why.") == (("Aurora", "Water", "Notes"), 2)
    assert _where(document, "A remark") == (("Aurora", "Slide 3"), 3)
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert document.text[document.pages[2].char_start :] == "## Slide 3\n\nA remark in a box"


def test_a_slide_of_pictures_keeps_its_number() -> None:
    document = parse_document(pptx(shape("One", kind="title"), "<p:pic/>", shape("# Three")), filename="a.pptx")
    assert [(page.number, page.char_start == page.char_end) for page in document.pages] == [
        (1, False), (2, True), (3, False),
    ]  # fmt: skip
    assert _where(document, "# Three") == (("Slide 3",), 3)


def test_slides_lose_their_furniture_and_what_is_said_twice() -> None:
    forms = f"<mc:Choice>{shape('New')}</mc:Choice><mc:Fallback>{shape('Old')}</mc:Fallback>"
    twice = f"<mc:AlternateContent>{forms}</mc:AlternateContent>"
    group = f"<p:grpSp>{shape('In a group')}</p:grpSp>"
    document = parse_document(pptx(shape("17", kind="sldNum") + twice + group), filename="a.pptx")
    assert document.text == "## Slide 1\n\nNew\n\nIn a group"


def test_a_table_on_a_slide_stays_a_table() -> None:
    table = slide_table(("Pump", "Litres"), ("North | old", "120"))
    document = parse_document(pptx(shape("Water", kind="title") + table), filename="a.pptx")
    assert "| Pump | Litres |\n|---|---|\n| North \\| old | 120 |" in document.text


def test_cells_of_a_workbook_are_shown_as_people_see_them() -> None:
    rows = [
        ["Day", "At", "Seen", "Litres", "Open"],
        [date(2026, 3, 1), time(8, 30), datetime(2026, 3, 1, 8, 30), 0.1 + 0.2, True],  # noqa: DTZ001 - as in a sheet
    ]
    document = parse_document(workbook({"Log": rows}), filename="a.xlsx")
    assert "| 2026-03-01 | 08:30:00 | 2026-03-01 08:30:00 | 0.3 | TRUE |" in document.text


def test_each_visible_sheet_is_a_heading_with_its_table() -> None:
    rows = [["Litres in 2026"], [], [None, "Pump", None, "Litres"], [], [None, "North", None, 120]]
    content = workbook({"Q1_2026_new": rows, "Empty": [], "Secret": [["hidden"]]}, hidden=["Secret"])
    document = parse_document(content, filename="pumps.xlsx")
    assert document.title == "pumps"
    table = "| Pump | Litres |\n|---|---|\n| North | 120 |"
    assert document.text == f"# Q1_2026_new\n\nLitres in 2026\n\n{table}"
    assert _where(document, "| North") == (("Q1_2026_new",), None)
    assert document.warnings == ("The sheet 'Secret' is hidden and was left out.",)


def test_a_sheet_of_one_column_is_a_table() -> None:
    document = parse_document(workbook({"Names": [["Name"], ["Ruth"]]}), filename="a.xlsx")
    assert document.text == "# Names\n\n| Name |\n|---|\n| Ruth |"


def test_an_open_document_keeps_its_structure() -> None:
    style = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    lists = (
        "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>in one</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
    )
    body = (
        '<text:p text:style-name="P1">Guide</text:p><text:h text:outline-level="1">Water</text:h>'
        f"<text:p>Two<text:s/>pumps<text:note><text:note-body><text:p>since 2020</text:p></text:note-body></text:note>."
        f'</text:p>{lists}<text:section><text:h text:outline-level="2">Litres</text:h>'
        f"{odt_table(('Pump', 'Litres'), ('North', '120'))}</text:section>"
    )
    document = parse_document(odt(body, styles=style), filename="a.odt")
    assert document.title == "Guide"
    assert _headings(document) == [(1, "Guide"), (2, "Water"), (3, "Litres")]
    assert "Two pumps [since 2020].\n\n- one\n  - in one" in document.text
    assert _where(document, "| North | 120 |") == (("Guide", "Water", "Litres"), None)


def test_numbered_headings_of_an_open_document_are_headings() -> None:
    body = '<text:list><text:list-item><text:h text:outline-level="2">Water</text:h></text:list-item></text:list>'
    document = parse_document(odt(f"{body}<text:p>text</text:p>"), filename="a.odt")
    assert _headings(document) == [(2, "Water")]


def test_what_was_deleted_from_an_open_document_is_no_text() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:p>gone</text:p></text:changed-region></text:tracked-changes>"
        "<text:p>kept</text:p>"
    )
    assert parse_document(odt(body), filename="a.odt").text == "kept"


def test_empty_cells_that_fill_a_table_to_its_edge_are_not_written_out() -> None:
    filler = '<table:table-cell table:number-columns-repeated="16384"/>'
    row = f"<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>{filler}</table:table-row>"
    assert len(parse_document(odt(f"<table:table>{row}</table:table>"), filename="a.odt").text) < 2_000


def test_the_chapters_of_a_book_follow_its_spine() -> None:
    book = epub("<h1>Water</h1><p>First.</p>", "<h2>Pumps</h2><p>Second<br/>line.</p>", title="The Station")
    document = parse_document(book, filename="a.epub")
    assert document.title == "The Station"
    assert document.text == "# Water\n\nFirst.\n\n## Pumps\n\nSecond\nline."
    assert _where(document, "Second") == (("Water", "Pumps"), None)


def test_a_chapter_keeps_what_would_be_furniture_on_a_page() -> None:
    book = epub("<header><h1>Water</h1></header><aside>A footnote.</aside>")
    document = parse_document(book, filename="station.epub")
    assert (document.title, document.text) == ("Water", "# Water\n\nA footnote.")
