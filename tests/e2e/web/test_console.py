"""The console, in a real browser on the real platform."""

from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.e2e.web.pages import CONTRAST, EVERY_RULE, add_files, text_file, violations

COLLECTION = "engineers"


@pytest.fixture(scope="module", autouse=True)
def uploaded(signed_in: BrowserContext) -> None:
    """A collection of two documents, and one that could not be read."""
    page = signed_in.new_page()
    page.goto("/chat")
    files = [text_file("lighthouse.md", LIGHTHOUSE), text_file("harbour.md", HARBOUR), text_file("empty.md", " ")]
    add_files(page, COLLECTION, files)
    expect(page.get_by_role("dialog")).to_contain_text("empty.md")
    page.close()


def test_a_failed_document_has_its_reason_and_can_be_tried_again(page: Page) -> None:
    page.goto("/console/jobs")
    row = page.get_by_role("row").filter(has_text=COLLECTION).first
    row.get_by_role("link").first.click()
    expect(page.get_by_role("region", name="Documents that failed")).to_contain_text("empty.md")
    first = page.url
    page.get_by_role("button", name="Retry what failed").click()
    page.wait_for_url(lambda address: address != first)
    expect(page.get_by_text("completed")).to_be_visible()
    expect(page.get_by_role("region", name="Documents that failed")).to_contain_text("empty.md")
    assert violations(page) == []


def test_a_search_says_why_a_document_is_found_and_why_another_is_not(page: Page) -> None:
    page.goto(f"/console/search?collection={COLLECTION}")
    page.get_by_label("Question").fill("When does the ferry to Lund leave?")
    page.get_by_label("Passages").fill("1")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Why?").first.click()
    stages = page.get_by_role("region", name="Stages")
    expect(stages).to_contain_text("fusion")
    page.get_by_label("Why is this document not found?").fill("lighthouse.md")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="Why not")).to_be_visible()
    expect(stages).to_contain_text("out")
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "rules"), [("light", EVERY_RULE), ("dark", CONTRAST)])
def test_every_page_can_be_used_in_other_ways(
    page: Page, theme: Literal["light", "dark"], rules: tuple[str, ...]
) -> None:
    page.emulate_media(color_scheme=theme)
    seen: dict[str, list[str]] = {}
    for path, landmark in (
        ("/chat", "What would you like to know?"),
        ("/console/collections", "Collections"),
        (f"/console/collections/{COLLECTION}", COLLECTION),
        ("/console/jobs", "Jobs"),
        ("/console/search", "Search"),
        ("/console/system", "System"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", name=landmark, exact=True)).to_be_visible()
        expect(page.get_by_text("Loading")).to_have_count(0)
        seen[path] = violations(page, rules)
    page.goto(f"/console/collections/{COLLECTION}")
    page.get_by_role("link", name="harbour.md").click()
    expect(page.get_by_text("nine metres deep")).to_be_visible()
    seen["document"] = violations(page, rules)
    page.get_by_role("tab", name="Chunks").click()
    expect(page.get_by_role("region", name="Chunks")).to_contain_text("nine metres deep")
    seen["chunks"] = violations(page, rules)
    assert {name: found for name, found in seen.items() if found} == {}


def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/chat", "/console/collections", "/console/jobs", "/console/search", "/console/system"):
        page.goto(path)
        expect(page.get_by_role("heading").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_a_deleted_document_leaves_a_receipt_that_holds(page: Page) -> None:
    page.goto(f"/console/collections/{COLLECTION}")
    page.get_by_role("link", name="lighthouse.md").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the document").click()
    expect(page.get_by_role("heading", name="Deletion receipt")).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("have nothing of it")).to_be_visible()
    assert violations(page) == []
