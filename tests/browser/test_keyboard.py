"""The page without a mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.looked import Looks
from tests.browser.served import Served

pytestmark = pytest.mark.browser
PLACE = "() => [...document.querySelectorAll('#results .tile')].indexOf(document.activeElement)"


def test_a_whole_search(look: Looks, server: Served) -> None:
    page = look()
    keys = page.page.keyboard
    expect(page.page.get_by_role("searchbox")).to_be_focused()
    keys.type(server.sentence)
    keys.press("Enter")
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 pictures of")
    page.pictures(10)
    keys.press("ArrowDown")
    expect(page.tiles.first).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    expect(page.tiles.nth(1)).to_be_focused()
    keys.press("Enter")
    expect(page.panel.locator("#near .tile")).to_have_count(12)
    inside = "() => document.querySelector('dialog').contains(document.activeElement)"
    assert page.page.evaluate(inside)
    page.panel.locator("#near .tile").first.focus()
    name = page.panel.get_by_role("heading", level=2).inner_text()
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(page.panel.get_by_role("heading", level=2)).not_to_have_text(name)
    keys.press("Escape")
    expect(page.panel).to_be_hidden()
    expect(page.tiles.nth(1)).to_be_focused()
    keys.press("/")
    expect(page.page.get_by_role("searchbox")).to_be_focused()
    keys.type("x/y")  # what is selected goes, and a stroke inside the box is a letter
    expect(page.page.get_by_role("searchbox")).to_have_value("x/y")
    keys.press("Escape")
    expect(page.page.get_by_role("searchbox")).to_have_value("")


def test_arrows_go_by_rows(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    columns = len({round(tile.bounding_box()["x"]) for tile in page.tiles.all()})
    assert 1 < columns < 10
    keys = page.page.keyboard
    page.tiles.nth(1).focus()
    for key, place in (("ArrowDown", 1 + columns), ("ArrowUp", 1), ("End", 9), ("Home", 0)):
        keys.press(key)
        assert page.page.evaluate(PLACE) == place
    keys.press("ArrowLeft")
    assert page.page.evaluate(PLACE) == 0
    keys.press("ArrowUp")
    expect(page.page.get_by_role("searchbox")).to_be_focused()


def test_focus_is_seen(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    style = "() => getComputedStyle(document.activeElement).outlineStyle"
    unseen = []
    for _ in range(12):
        page.page.keyboard.press("Tab")
        name = page.page.evaluate("() => document.activeElement.id || document.activeElement.type")
        if page.page.evaluate(style) == "none" and name != "q":
            unseen.append(name)
    assert set(unseen) <= {"radio"}  # whose words are framed
    page.page.get_by_role("radio", name="Pictures").focus()
    page.page.keyboard.press("ArrowRight")
    framed = "() => getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    assert page.page.evaluate(framed) == "solid"
