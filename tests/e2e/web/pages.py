"""What people do with the pages, step by step."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, FilePayload, Page, Request, expect

AXE = Path(__file__).parent / "browser" / "dist" / "axe.min.js"
EVERY_RULE = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = ("color-contrast",)


@dataclass
class Watch:
    """Collects what a page complains about."""

    complaints: list[str] = field(default_factory=list[str])
    expected: tuple[str, ...] = ()
    """Parts of messages that belong to the test."""

    def over(self, page: Page) -> None:
        """Look at everything the page does."""
        page.on("pageerror", lambda error: self.complaints.append(f"script failed: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"a script ran: {dialog.message}"))
        page.on("console", self._console)
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.complaints.append(message.text)

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"blob", "data"} and address.hostname != "127.0.0.1":
            self.complaints.append(f"a request went to {request.url}")


def sign_in(page: Page, key: str) -> None:
    """By the form, as a person does."""
    page.goto("/")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()


def text_file(name: str, text: str) -> FilePayload:
    """A file to choose."""
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def add_files(page: Page, collection: str, files: list[FilePayload]) -> None:
    """Add files to a new collection, from the chat, and wait until their job has ended."""
    page.get_by_role("button", name="Add files").first.click()
    page.get_by_label("Choose files").set_input_files(files)
    page.get_by_label("Into the collection").select_option("")
    page.get_by_label("Its name").fill(collection)
    page.get_by_role("button", name="Add the file" if len(files) == 1 else f"Add {len(files)} files").click()
    expect(page.get_by_role("dialog").get_by_text("completed")).to_be_visible(timeout=60_000)


def ask(page: Page, question: str) -> None:
    """Ask, with the keyboard alone."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page) -> None:
    """Wait until the answer is complete."""
    expect(page.get_by_role("button", name="Answer again").last).to_be_enabled(timeout=90_000)


def violations(page: Page, rules: tuple[str, ...] = EVERY_RULE) -> list[str]:
    """What axe-core finds wrong with the page for people who use it in other ways than most."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Any = page.evaluate("rules => axe.run(document, {runOnly: rules})", list(rules))
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]
