"""Writes PDF and office files of stories it reads as JSON from its input; run by the Python of the peers, which has the
libraries that can write them."""

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

Story = dict[str, Any]


def make_pdf(folder: Path, stories: list[Story]) -> None:
    """One PDF of a few pages for each story, its table ruled."""
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

    styles = getSampleStyleSheet()
    ruled = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    for number, story in enumerate(stories):
        flow = [Paragraph(escape(story["title"]), styles["Heading1"])]
        for section in story["sections"]:
            flow.append(Paragraph(escape(section["heading"]), styles["Heading2"]))
            flow += [Paragraph(escape(part), styles["BodyText"]) for part in section["paragraphs"]]
        flow.append(Table(story["table"], style=ruled))
        SimpleDocTemplate(str(folder / f"made-{number}.pdf"), title=story["title"]).build(flow)


def make_office(folder: Path, stories: list[Story]) -> None:
    """A Word document and a slide deck for each story."""
    for number, story in enumerate(stories):
        _docx(story).save(str(folder / f"made-{number}.docx"))
        _pptx(story).save(str(folder / f"made-{number}.pptx"))


def _docx(story: Story) -> Any:  # noqa: ANN401 - the library has no types
    import docx

    document = docx.Document()
    document.add_heading(story["title"], level=1)
    for section in story["sections"]:
        document.add_heading(section["heading"], level=2)
        for part in section["paragraphs"]:
            document.add_paragraph(part)
    table = document.add_table(rows=0, cols=len(story["table"][0]))
    for row in story["table"]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    return document


def _pptx(story: Story) -> Any:  # noqa: ANN401 - the library has no types
    import pptx

    slides = pptx.Presentation()
    for section in story["sections"]:
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = section["heading"]
        slide.placeholders[1].text = "\n".join(section["paragraphs"])
    return slides


if __name__ == "__main__":
    makers = {"pdf": make_pdf, "office": make_office}
    for wanted in json.load(sys.stdin):
        makers[wanted["kind"]](Path(wanted["folder"]), wanted["stories"])
