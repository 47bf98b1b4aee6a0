"""Live data in answers, and the console's pages about tools, in a real browser on the real platform."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.e2e.web.pages import Watch, add_files, answered, ask, text_file, violations
from tests.outside_desk import HOSTILE

COLLECTION = "live-and-written"
QUESTION = "In which city is order A-17, and what does a ticket for the ferry cost?"


@pytest.fixture(scope="module", autouse=True)
def uploaded(signed_in: BrowserContext) -> None:
    """A collection that questions about orders are asked of, too."""
    page = signed_in.new_page()
    page.goto("/chat")
    add_files(page, COLLECTION, [text_file("lighthouse.md", LIGHTHOUSE), text_file("harbour.md", HARBOUR)])
    page.get_by_role("button", name="Ask about them").click()
    page.close()


def test_live_data_is_shown_as_what_a_tool_said_and_a_document_as_a_document(page: Page) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="No live data").click()
    page.get_by_role("menuitemcheckbox", name="shop").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Live data: shop")).to_be_visible()
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".answer")).to_contain_text("Bergen")

    sources = page.get_by_role("list", name="Sources")
    sources.get_by_role("button").filter(has_text="shop.order_status").click()
    panel = page.get_by_role("complementary", name=re.compile("^Source .*shop.order_status"))
    expect(panel).to_contain_text("live data of a tool, not a document")
    expect(panel.locator("mark")).to_have_text("order is A-17, status is shipped, city is Bergen.")
    expect(panel.get_by_role("link", name="shop.order_status")).to_have_attribute(
        "href", "/console/tools/shop.order_status"
    )
    assert panel.locator("a[href*='documents']").count() == 0
    assert violations(page) == []

    sources.get_by_role("button").filter(has_text="The harbour").click()
    document = page.get_by_role("complementary", name=re.compile("^Source .*The harbour"))
    expect(document.locator("a[href*='/console/documents/']")).to_be_visible()
    expect(document.locator("mark")).to_contain_text("ferry")

    page.get_by_role("link", name="What this answer stands on").click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(page.get_by_text("live data of shop.order_status")).to_be_visible()
    assert violations(page) == []


def test_hostile_live_data_runs_nothing_in_an_answer_or_beside_it(page: Page) -> None:
    page.goto("/chat")
    ask(page, "In which city is order X-66?")
    answered(page)
    expect(page.locator(".answer")).to_contain_text("order is X-66")
    page.get_by_role("list", name="Sources").get_by_role("button").filter(has_text="shop.order_status").click()
    said = page.get_by_role("region", name="What the tool said")
    expect(said).to_contain_text("<img src=x onerror=alert(20)>")
    expect(said).to_contain_text("javascript:alert(22)")
    assert page.locator("img[src=x], main script, aside script, a[href^='javascript']").count() == 0


def test_a_tool_is_called_by_a_form_and_what_it_says_runs_nothing(page: Page) -> None:
    page.goto("/console/tools")
    expect(page.get_by_role("region", name="Connectors")).to_contain_text("ready")
    page.get_by_role("link", name="shop.order_status").click()
    page.get_by_label(re.compile("^order")).fill("X-66")
    page.get_by_role("button", name="Call", exact=True).click()
    said = page.get_by_role("region", name="Text of material 1")
    expect(said).to_contain_text("<img src=x onerror=alert(20)>")
    page.get_by_text("The result as it is").click()
    expect(page.get_by_role("region", name="The result", exact=True)).to_contain_text("<script>alert(30)</script>")
    assert page.locator("img[src=x], main script, a[href^='javascript']").count() == 0
    assert violations(page) == []


def test_an_outside_tool_is_called_once_its_definition_and_what_it_changes_are_approved(
    page: Page, watch: Watch
) -> None:
    watch.expected = ("403",)
    page.goto("/console/tools/desk.hours")
    expect(page.get_by_role("region", name="What it says of itself")).to_contain_text(HOSTILE)
    expect(page.get_by_role("button", name="Call", exact=True)).to_be_disabled()
    assert violations(page) == []
    page.get_by_role("button", name="Approve this definition").click()
    page.get_by_label(re.compile("^day")).select_option("monday")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_role("region", name="Text of material 1")).to_contain_text("<img src=x onerror=alert(20)>")
    assert page.locator("img[src=x], main script, a[href^='javascript']").count() == 0

    page.goto("/console/tools/desk.visit")
    page.get_by_role("button", name="Approve this definition").click()
    page.get_by_label(re.compile("^guests")).fill("many")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("guests: “many” is no whole number.")
    page.get_by_label(re.compile("^guests")).fill("3")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was done")
    page.get_by_role("button", name=re.compile("^Approve apr_")).click()
    expect(page.get_by_label(re.compile("^Approval"))).to_have_value(re.compile("^apr_"))
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_role("region", name="Text of material 1")).to_contain_text("/visits?guests=3")

    page.goto("/console/tools")
    assert violations(page) == []
    page.get_by_role("tab", name="Waiting calls").click()
    expect(page.get_by_text("No call waits for approval.")).to_be_visible()
    page.get_by_role("tab", name="Audit log").click()
    calls = page.get_by_role("region", name="Calls")
    made = calls.get_by_role("row").filter(has_text="desk.visit").filter(has=page.get_by_text("ok", exact=True))
    expect(made.first).to_be_visible()
    expect(calls).to_contain_text("approval required")
    assert violations(page) == []
