"""What is made of messages and of what they carry."""

from email.message import EmailMessage

import pytest

from services.shared.components.parsers.document import BlockKind, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.parse import parse_document
from tests.unit.components.parsers.documents import docx, pdf


def _message(text: str, subject: str = "Pümps") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ruth Lindqvist <ruth@example.org>"
    message["To"] = "beatriz@example.org"
    message["Message-ID"] = "<1@example.org>"
    message["Subject"] = subject
    message.set_content(text)
    return message


def _parsed(message: EmailMessage) -> ParsedDocument:
    return parse_document(message.as_bytes(), filename="mail.eml")


def _nested(depth: int) -> EmailMessage:
    message = _message(f"Text {depth}.", f"Depth {depth}")
    if depth:
        message.add_attachment(_nested(depth - 1))
    return message


def test_headers_and_body_are_text() -> None:
    document = _parsed(_message("# not a heading\n\nRegards,\nRuth\n--\nAurora\n"))
    assert document.title == "Pümps"
    assert document.text == (
        "# Pümps\n\nFrom: Ruth Lindqvist <ruth@example.org>\nTo: beatriz@example.org\n\n"
        "# not a heading\n\nRegards,\nRuth\n--\nAurora"
    )
    assert [b.level for b in document.blocks if b.kind is BlockKind.HEADING] == [1]
    assert {block.headings for block in document.blocks} == {("Pümps",)}


def test_the_plain_form_of_a_message_is_preferred() -> None:
    message = _message("Plain words.")
    message.add_alternative("<p>Rich words.</p>", subtype="html")
    text = _parsed(message).text
    assert "Plain words." in text
    assert "Rich words." not in text


@pytest.mark.parametrize("plain", ["", " \n"])
def test_html_is_read_where_there_is_no_plain_form(plain: str) -> None:
    message = _message(plain)
    message.add_alternative("<script>x()</script><h2>Water</h2><p>Rich &amp; <b>good</b></p>", subtype="html")
    document = _parsed(message)
    assert document.text.endswith("## Water\n\nRich & **good**")
    assert document.blocks[-1].headings == ("Pümps", "Water")


def test_attachments_are_listed_and_read_under_their_names() -> None:
    message = _message("See the files.")
    message.add_attachment(pdf(["Litres by pump."]), maintype="application", subtype="pdf", filename="pumps.pdf")
    message.add_attachment(docx("A visit."), maintype="application", subtype="octet-stream", filename="visit.docx")
    message.add_attachment("a,b\n1,2\n", subtype="csv", filename="table.csv")
    document = _parsed(message)
    assert (
        "- pumps.pdf (application/pdf)\n- visit.docx (application/octet-stream)\n- table.csv (text/csv)"
        in document.text
    )
    assert "| a | b |\n|---|---|\n| 1 | 2 |" in document.text
    at = document.text.index("Litres by pump.")
    block = next(block for block in document.blocks if block.char_start <= at < block.char_end)
    assert (block.headings[:3], block.page) == (("Pümps", "Attachments", "pumps.pdf"), None)
    assert document.pages == document.warnings == ()


def test_an_attachment_that_cannot_be_read_does_not_keep_the_message_from_being_read() -> None:
    message = _message("See the file.")
    message.add_attachment(b"%PDF-1.7 cut", maintype="application", subtype="pdf", filename="cut.pdf")
    message.add_attachment(b"\x89PNG\r\n\x1a\n\x00", maintype="image", subtype="png", filename="logo.png")
    document = _parsed(message)
    assert "See the file." in document.text
    assert "- cut.pdf (application/pdf)\n- logo.png (image/png)" in document.text
    (warning,) = document.warnings
    assert warning.startswith("The attachment 'cut.pdf' was not read. The PDF ends before its end mark")


def test_attachments_beyond_a_hundred_are_listed_but_not_read() -> None:
    message = _message("See the files.")
    for number in range(102):
        message.add_attachment(f"Words of {number}.", filename=f"{number}.txt")
    document = _parsed(message)
    assert "Words of 99." in document.text
    assert "Words of 100." not in document.text
    assert "- 101.txt (text/plain)" in document.text
    assert document.warnings == ("Only the first 100 of 102 attachments were read.",)


def test_forwarded_messages_are_read_as_deep_as_people_forward_them() -> None:
    document = _parsed(_nested(4))
    assert all(f"Text {depth}." in document.text for depth in (4, 3, 2))
    assert "Text 1." not in document.text
    assert "up to 2 deep" in document.warnings[0]


def test_a_message_attached_as_a_file_counts_as_forwarded() -> None:
    inner = _message("The innermost text.", "Inner")
    for _ in range(3):
        outer = _message("Around it.", "Outer")
        outer.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="mail.eml")
        inner = outer
    document = _parsed(inner)
    assert document.text.count("Around it.") == 3
    assert "The innermost text." not in document.text


def test_containers_in_containers_without_end_are_refused() -> None:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(6_000))
    with pytest.raises(ParseFailure) as caught:
        parse_document(f"From: a@b.c\nMIME-Version: 1.0\n{opening}".encode(), filename="deep.eml")
    assert caught.value.code == "nested_too_deeply"


def test_the_body_is_read_in_the_encoding_that_it_declares() -> None:
    message = _message("")
    message.set_content("Zażółć gęślą jaźń", charset="iso-8859-2")
    assert "Zażółć gęślą jaźń" in _parsed(message).text
