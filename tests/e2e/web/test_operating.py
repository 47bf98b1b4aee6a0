"""Answers, requests, models and keys in the console, in a real browser on the real platform."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.clients import http_client
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.e2e.web.pages import CONTRAST, add_files, answered, ask, sign_in, text_file, violations
from tests.platforms import Platform

COLLECTION = "kept-answers"
QUESTION = "What is the range of the lamp of the lighthouse?"


@pytest.fixture(scope="module", autouse=True)
def rated(signed_in: BrowserContext) -> None:
    """An answer that somebody found bad, in a conversation with a name of its own."""
    page = signed_in.new_page()
    page.goto("/chat")
    add_files(page, COLLECTION, [text_file("lighthouse.md", LIGHTHOUSE), text_file("harbour.md", HARBOUR)])
    page.get_by_role("button", name="Ask about them").click()
    ask(page, QUESTION)
    answered(page)
    page.get_by_role("button", name="Bad answer").click()
    page.get_by_label("What is wrong, or right").fill("It is <b>brighter</b>.")
    page.get_by_role("button", name="Send").click()
    page.locator(".history-item", has=page.locator("[aria-current]")).get_by_role("button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Its name").fill("The lamp")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.locator(".history-item [aria-current]")).to_have_text("The lamp")
    page.close()


def test_bad_feedback_leads_to_all_that_is_kept_of_the_answer_and_of_its_request(page: Page) -> None:
    page.goto("/console/answers")
    page.get_by_label("Collection").select_option(COLLECTION)
    page.get_by_label("Feedback").select_option("down")
    expect(page).to_have_url(re.compile(f"collection={COLLECTION}&feedback=down"))
    answers = page.get_by_role("region", name="Answers")
    expect(answers).to_contain_text("bad, with words")
    assert violations(page) == []
    answers.get_by_role("link", name=QUESTION).first.click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(page.get_by_text("It is <b>brighter</b>.")).to_be_visible()
    expect(page.get_by_role("region", name="Claims")).to_contain_text("supported")
    expect(page.get_by_role("list", name=re.compile("^Time by step"))).to_contain_text("retrieve")
    page.get_by_text("The prompt, as it was sent").click()
    expect(page.get_by_role("region", name="Message 1 of the prompt")).to_be_visible()
    assert violations(page) == []

    page.locator("a[href^='/console/requests/']").click()
    expect(page.get_by_role("heading", name=re.compile("^Request to "))).to_be_visible()
    expect(page.get_by_text("TTFT")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="look for it").click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()


def test_requests_are_listed_with_what_they_took_and_models_with_how_they_are(page: Page) -> None:
    page.goto("/console/models")
    model = page.get_by_role("region").filter(has_text="TTFT").first
    expect(model).to_contain_text("up")
    assert violations(page) == []
    page.get_by_role("link", name="Its requests").first.click()
    requests = page.get_by_role("region", name="Requests")
    expect(requests.get_by_role("row").nth(1)).to_contain_text(" ms")
    assert violations(page) == []
    page.get_by_label("Error code").fill("no_such_error")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No request is kept that fits.")).to_be_visible()


def test_a_long_list_goes_on_where_it_ended(page: Page, platform: Platform) -> None:
    with http_client(platform) as client:
        for number in range(51):
            asked = {"model": platform.engine.model, "prompt": f"{number}", "max_tokens": 1}
            assert client.post("/v1/completions", json=asked).status_code == 200
    page.goto("/console/requests")
    rows = page.get_by_role("region", name="Requests").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(rows.nth(50)).to_be_visible()
    addresses = rows.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert len(set(addresses)) == rows.count() > 50


@pytest.fixture
def others_key(page: Page) -> str:
    """A key, made by the page."""
    page.goto("/console/keys")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_label("Who or what will use it").fill("notebook")
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_role("dialog").locator("code").inner_text()
    page.get_by_role("button", name="Done").click()
    return secret


def test_others_do_not_see_the_operators_pages_and_a_revoked_key_opens_nothing(
    page: Page, others_key: str, browser: Browser, platform: Platform
) -> None:
    row = page.get_by_role("row").filter(has_text="notebook").filter(has_text="in use")
    expect(row).to_be_visible()
    assert others_key not in page.content()
    assert violations(page) == []
    with browser.new_context(base_url=platform.url) as context:
        other = context.new_page()
        sign_in(other, others_key)
        other.goto("/console")
        areas = other.get_by_role("navigation", name="Console")
        expect(areas.get_by_role("link", name="Answers")).to_be_visible()
        expect(areas.get_by_role("link", name="Keys")).to_have_count(0)
        other.goto("/console/keys")
        expect(other.get_by_text("This page is for the operator's key.")).to_be_visible()
        other.goto("/console/answers")
        expect(other.get_by_text("No answer is kept that fits.")).to_be_visible()
        row.get_by_role("button").click()
        page.get_by_role("button", name="Revoke the key").click()
        expect(row).to_have_count(0)
        other.reload()
        expect(other.get_by_label("API key")).to_be_visible()


def test_the_newer_pages_fit_a_phone_and_can_be_read_in_the_dark(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    for path in ("sources", "answers", "tools", "tools/shop.order_status", "models", "requests", "keys"):
        page.goto(f"/console/{path}")
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.get_by_text("Loading")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert violations(page, CONTRAST) == [], path
