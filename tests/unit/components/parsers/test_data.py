"""What is made of tables, records and XML."""

import json

import pytest

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.parse import parse_document


def _parsed(text: str, name: str) -> ParsedDocument:
    return parse_document(text.encode(), filename=name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_table_is_found(delimiter: str) -> None:
    rows = [["Pump", "Litres", "Note"], ["North", "1,5 or 2,5", "old"], ["South", "2", ""]]
    text = "\n".join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
    assert "| North | 1,5 or 2,5 | old |\n| South | 2 |  |" in _parsed(text, "a.csv").text


def test_cells_with_line_ends_and_bars_stay_in_their_row() -> None:
    document = _parsed('a,b\n"one\ntwo",x | y\n,\n3,4\n', "a.csv")
    assert document.text == "| a | b |\n|---|---|\n| one two | x \\| y |\n| 3 | 4 |"


def test_a_table_is_read_in_its_own_encoding() -> None:
    text = "Straße;Größe\n" + "Österreichische Brücke;schön\n" * 20
    assert "| Straße | Größe |" in parse_document(text.encode("cp1252"), filename="a.csv").text


def test_a_long_table_is_parsed_in_linear_time() -> None:
    document = _parsed("name,value\n" + "a name,1.5\n" * 300_000, "long.csv")
    assert document.text.count("\n") == 300_001


def test_the_keys_of_json_are_headings_and_then_paths() -> None:
    value = {"name": "station", "net": {"mtu": 1500, "http": {"ports": {"list": [80, 81], "tls": {"on": True}}}}}
    document = _parsed(json.dumps(value), "a.json")
    assert document.text == (
        "name: station\n\n# net\n\nmtu: 1500\n\n## http\n\n### ports\n\nlist: 80, 81\ntls.on: true"
    )
    assert document.blocks[-1].headings == ("net", "http", "ports")


def test_a_list_of_like_objects_is_a_table() -> None:
    document = _parsed('[{"id": 1, "at": "a\\nb"}, {"id": 20000000000000000001, "to": null}]', "a.json")
    assert document.text == "| id | at | to |\n|---|---|---|\n| 1 | a b |  |\n| 20000000000000000001 |  |  |"


def test_unlike_objects_are_a_block_each() -> None:
    document = _parsed('[{"id": 1, "tags": ["x"]}, {"id": 2, "of": [{"n": 3}]}, "# four"]', "a.json")
    assert document.text == "id: 1\ntags: x\n\nid: 2\nof[0].n: 3\n\n# four"
    assert {block.kind for block in document.blocks} == {BlockKind.PARAGRAPH}


def test_objects_with_hardly_a_key_in_common_are_no_table() -> None:
    document = _parsed(json.dumps([{f"key{number}": number} for number in range(5_000)]), "a.json")
    assert len(document.blocks) == 5_000


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert _parsed('{"a": "\\ud800b"}', "a.json").text == "a: ?b"


def test_each_record_of_jsonl_is_one_block() -> None:
    document = _parsed('{"a": 1, "b": {"c": "x\\n\\ny"}}\n\n{"a": 2}\n', "a.jsonl")
    assert [document.text[b.char_start : b.char_end] for b in document.blocks] == ["a: 1\nb.c: x y", "a: 2"]


def test_elements_with_a_title_are_headings_and_others_name_their_text() -> None:
    document = _parsed(
        "<?xml version='1.0'?><!-- no text --><book xmlns='urn:x' id='7'><title>Station</title>"
        "<chapter><title>Water</title><para>Two <b>good</b> pumps.</para><flow unit='l'>120</flow><by>Ruth</by>"
        "</chapter><note>End.</note></book>",
        "a.xml",
    )
    assert document.title == "Station"
    assert document.text == (
        "# Station\n\nid=7\n\n## Water\n\nTwo good pumps.\n\nflow (unit=l): 120\nby: Ruth\n\nnote: End."
    )
    assert [block.headings for block in document.blocks][-2:] == [("Station", "Water"), ("Station",)]


def test_xml_is_read_in_the_encoding_that_it_declares() -> None:
    content = "<?xml version='1.0' encoding='iso-8859-2'?><a>Zażółć gęślą jaźń</a>".encode("iso-8859-2")
    assert parse_document(content, filename="a.xml").text == "a: Zażółć gęślą jaźń"
