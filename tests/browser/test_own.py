"""A picture of one's own: chosen, dropped or pasted, it is searched by."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looked import Looked, Looks
from tests.browser.served import Served

pytestmark = pytest.mark.browser
GIVE = """([kind, name, type, text]) => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const data = new DataTransfer();
    if (name) data.items.add(new File([bytes], name, { type }));
    else data.items.add("https://example.org/dog.jpg", "text/uri-list");
    const init = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...init, clipboardData: data })
        : new DragEvent(kind, { ...init, dataTransfer: data });
    document.querySelector("main").dispatchEvent(event);
}"""


def give(page: Looked, kind: str, file: Path | None) -> None:
    """Have a file dropped or pasted; a link where there is none."""
    text = base64.b64encode(file.read_bytes()).decode() if file else ""
    page.page.evaluate(GIVE, [kind, file.name if file else "", "image/png", text])


def shown(page: Looked, file: Path) -> None:
    """Wait for the preview, and ten pictures."""
    preview = page.page.get_by_role("img", name=f"Your picture {file.name}")
    expect(preview).to_be_visible()
    assert preview.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(page.page.locator("#own")).to_contain_text("It is not in the address")
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 pictures of")
    page.pictures(10)


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_picture_of_ones_own(look: Looks, server: Served, way: str) -> None:
    page = look()
    page.pictures(10)
    if way == "choose":
        with page.page.expect_file_chooser() as chooser:
            page.page.get_by_role("button", name="Search by a picture of yours").click()
        chooser.value.set_files(server.picture)
    else:
        give(page, way, server.picture)
    shown(page, server.picture)
    assert page.address == f"/?picture={server.picture.name}"
    assert page.page.get_by_role("searchbox").input_value() == ""


def test_back_forward_and_its_results_opened(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    words = page.ids
    give(page, "drop", server.picture)
    shown(page, server.picture)
    found = page.ids
    page.tiles.first.click()
    expect(page.panel.get_by_role("heading", level=2)).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.panel).to_be_hidden()
    page.page.go_back()
    expect(page.page.locator("#own")).to_be_hidden()
    page.pictures(10)
    assert page.ids == words
    page.page.go_forward()
    shown(page, server.picture)
    assert page.ids == found
    page.page.get_by_role("button", name="Take it away").click()
    expect(page.page.locator("#own")).to_be_hidden()
    assert page.address == "/"


def test_captions_of_it_and_of_another_split(look: Looks, server: Served) -> None:
    page = look()
    page.pictures(10)
    give(page, "drop", server.picture)
    shown(page, server.picture)
    page.page.get_by_text("Captions", exact=True).click()
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 captions")
    page.page.get_by_label("The split to search").select_option("val")
    assert page.address == f"/?split=val&find=captions&picture={server.picture.name}"
    page.pictures(10)


def test_a_link_and_a_reload_say_that_it_is_not_there(look: Looks, server: Served) -> None:
    page = look()
    page.pictures(10)
    give(page, "drop", server.picture)
    shown(page, server.picture)
    shared = page.address
    page.page.reload()
    expect(page.page.locator("#own")).to_contain_text("not in the address. Choose it again")
    other = look(shared)
    with other.page.expect_file_chooser() as chooser:
        other.page.get_by_role("button", name="Choose it again").click()
    chooser.value.set_files(server.picture)
    shown(other, server.picture)


def test_a_text_as_a_picture(look: Looks, tmp_path: Path) -> None:
    look.refusals = 1
    page = look()
    page.pictures(10)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader")
    give(page, "drop", letter)
    expect(page.page.get_by_role("alert")).to_contain_text("not a picture")
    expect(page.tiles).to_have_count(0)


def test_a_link_that_is_dropped_is_not_followed(look: Looks) -> None:
    page = look()
    page.pictures(10)
    give(page, "drop", None)
    expect(page.page.get_by_role("alert")).to_contain_text("Save the picture first")
    expect(page.tiles).to_have_count(10)


def test_where_it_may_be_dropped_is_shown(look: Looks, server: Served) -> None:
    page = look()
    page.pictures(10)
    give(page, "dragenter", server.picture)
    expect(page.page.get_by_text("Drop the picture to search by it")).to_be_visible()
    give(page, "dragleave", server.picture)
    expect(page.page.get_by_text("Drop the picture to search by it")).to_be_hidden()
