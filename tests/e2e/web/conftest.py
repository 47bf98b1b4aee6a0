"""A real browser in front of the whole platform: an npm package's Chromium, which `infra/prepare --dev` unpacks."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.web.pages import Watch, sign_in
from tests.platforms import Platform
from tests.processes import REPOSITORY

UNPACKED = Path(__file__).parent / "browser" / "dist"
BUILT = REPOSITORY / "services" / "frontend" / "web" / "dist" / "index.html"
FLAGS = (
    "--no-sandbox",  # in containers and as root Chromium has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Chromium without a window."""
    chromium = UNPACKED / "chromium"
    if not chromium.is_file():
        pytest.skip("There is no browser: 'make test' unpacks one from the npm registry; its log says why not.")
    if not BUILT.is_file():
        pytest.skip("The web pages are not built: 'make prepare' builds them; its log says why not.")
    libraries = {"LD_LIBRARY_PATH": f"{UNPACKED / 'lib'}:{UNPACKED}"}
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, env={**os.environ, **libraries}, timeout=60_000
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, platform: Platform) -> Generator[BrowserContext]:
    """A browser's window whose user has signed in by the page."""
    context = browser.new_context(base_url=platform.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, platform.key)
    page.close()
    yield context
    context.close()


@pytest.fixture
def watch() -> Watch:
    """What went wrong in a page while it was used."""
    return Watch()


@pytest.fixture
def page(signed_in: BrowserContext, watch: Watch) -> Generator[Page]:
    """A tab in which nothing may go wrong unseen: no failing script, no request elsewhere, nothing that was refused."""
    tab = signed_in.new_page()
    watch.over(tab)
    yield tab
    tab.close()
    assert watch.complaints == []
