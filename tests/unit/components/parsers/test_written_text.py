"""What is made of reStructuredText and source code."""

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.parse import parse_document

_GRID = """\
+-------+--------+
| Pump  | Litres |
+=======+========+
| North | 120    |
| old   |        |
+-------+--------+
"""


def _rst(text: str) -> ParsedDocument:
    return parse_document(text.encode(), filename="notes.rst")


def test_the_marks_under_titles_become_levels_in_the_order_of_their_first_use() -> None:
    document = _rst("=====\nGuide\n=====\n\nWater\n~~~~~\n\na\n\nPumps\n''''''\n\nb\n\nPower\n~~~~~\n\n----\n\nc\n")
    paths = [block.headings for block in document.blocks if block.kind is BlockKind.PARAGRAPH]
    assert paths == [("Guide", "Water"), ("Guide", "Water", "Pumps"), ("Guide", "Power")]
    assert document.title == "Guide"


def test_drawn_tables_become_tables() -> None:
    document = _rst(f"{_GRID}\n===== ======\nPump  Litres\n===== ======\nSouth 95\n      new\n===== ======\n\nafter\n")
    tables = [document.text[b.char_start : b.char_end] for b in document.blocks if b.kind is BlockKind.TABLE]
    assert tables == [
        "| Pump | Litres |\n|---|---|\n| North old | 120 |",
        "| Pump | Litres |\n|---|---|\n| South | 95 new |",
    ]
    assert document.text.endswith("\n\nafter")


def test_lists_code_and_prose_are_told_apart() -> None:
    document = _rst(
        "- one\n  goes on\n\n- two\n\nRun it::\n\n    # a comment\n    run\n\n.. code-block:: sh\n   :caption: x\n\n"
        "   stop\n\n.. a comment\n   of two lines\n\n.. _label:\n\n.. note:: Kept.\n"
    )
    kinds = [(b.kind.value, document.text[b.char_start : b.char_end]) for b in document.blocks]
    assert kinds == [
        ("list", "- one goes on\n- two"),
        ("paragraph", "Run it:"),
        ("code", "# a comment\nrun"),
        ("code", "stop"),
        ("paragraph", ".. note:: Kept."),
    ]


def test_source_code_is_kept_as_it_is_written_and_cut_where_its_parts_begin() -> None:
    code = "# no heading\nimport os\n\ndef f():\n    a = 1\n\n    return a\n\nclass B:\n\tpass"
    document = parse_document(code.encode(), filename="tools/script.py")
    assert document.text == code
    assert document.title == "script.py"
    assert [document.text[b.char_start :][:5] for b in document.blocks] == ["# no ", "def f", "class"]
    assert {block.kind for block in document.blocks} == {BlockKind.CODE}
