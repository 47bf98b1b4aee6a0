"""Sources and syncs in the console, in a real browser on the real platform."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.e2e.web.pages import violations

SOURCE = "coast-folder"


def test_a_folder_is_planned_synced_and_removed_with_what_it_brought(page: Page, tmp_path: Path) -> None:
    (tmp_path / "lighthouse.md").write_text(LIGHTHOUSE)
    (tmp_path / "empty.md").write_text(" ")
    page.goto("/console/sources")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Add a source").click()
    page.get_by_role("textbox", name="Name").fill(SOURCE)
    page.get_by_role("combobox", name="Collection").fill(SOURCE)
    page.get_by_label("Absolute path").fill(str(tmp_path))
    assert violations(page) == []
    page.get_by_role("button", name="Add the source").click()
    expect(page.get_by_role("heading", name=SOURCE, exact=True)).to_be_visible()
    expect(page.get_by_text("It was never synced.")).to_be_visible()

    page.get_by_role("button", name="Plan").click()
    expect(page.get_by_role("heading", name="What a sync would do")).to_be_visible()
    changes = page.get_by_role("region", name="Changes")
    expect(changes).to_contain_text("lighthouse.md")
    assert violations(page) == []

    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("heading", name=f"Sync of {SOURCE}")).to_be_visible()
    expect(page.get_by_text("completed", exact=True)).to_be_visible()
    expect(page.get_by_text("1, with reasons")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="1, with reasons").click()
    failed = page.get_by_role("region", name="Failed items")
    expect(failed).to_contain_text("empty.md")
    expect(failed.get_by_role("row")).to_have_count(2)

    (tmp_path / "empty.md").write_text(HARBOUR)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("heading", name=f"Sync of {SOURCE}")).to_be_visible()
    expect(page.get_by_text("completed", exact=True)).to_be_visible()
    page.get_by_role("link", name=SOURCE).first.click()
    expect(page.get_by_role("region", name="History").get_by_role("row")).to_have_count(4)
    page.get_by_role("tab", name="Failed items").click()
    expect(page.get_by_text("No item has failed.")).to_be_visible()
    page.get_by_role("tab", name="All items").click()
    expect(page.get_by_role("region", name="Items")).to_contain_text("empty.md")
    assert violations(page) == []

    page.get_by_role("button", name="Change").click()
    page.get_by_label("Sync every so many hours").fill("6")
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Change").click()
    expect(page.get_by_text("every 6 h")).to_be_visible()

    page.get_by_role("button", name="Remove").click()
    page.get_by_label("Its documents").select_option("delete")
    page.get_by_role("button", name="Remove the source").click()
    expect(page.get_by_role("heading", name="Deletion receipt")).to_be_visible()
