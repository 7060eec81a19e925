"""What looks like a script is text: in captions, names of files, queries and addresses."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hostile import STRINGS
from tests.browser.looked import Looks
from tests.browser.served import HOSTILE_NAME, Served

pytestmark = pytest.mark.browser
MADE = (
    "main script, main iframe, main svg, main style, [onerror], [onload], [onfocus], a[href^=java]"
)


def harmless(page: Page) -> None:
    """Nothing that was put in has run, or became an element that might."""
    assert page.locator(MADE).count() == 0
    assert page.evaluate("() => window.hostile") is None


def test_queries(look: Looks, server: Served) -> None:
    page = look()
    for text in STRINGS:
        words = f"{text} {server.sentence}"
        page.search(words).pictures(10)
        assert page.page.title().startswith(words)
        harmless(page.page)


def test_addresses_of_queries(look: Looks, server: Served) -> None:
    page = look()
    for text in STRINGS[::4]:
        words = f"{text} {server.sentence}"
        page.at(f"/?q={quote(words)}").pictures(10)
        expect(page.page.get_by_role("searchbox")).to_have_value(words)
        harmless(page.page)


def test_what_is_not_a_query(look: Looks) -> None:
    page = look()
    for text in STRINGS[::4]:
        page.at(f"/?split={quote(text)}&picture={quote(text)}&corpus={quote(text)}")
        expect(page.page.locator("#own strong")).to_have_text(text)
        expect(page.page.get_by_role("alert")).to_contain_text(text)
        harmless(page.page)


def test_captions_that_are_found(look: Looks, server: Served) -> None:
    page = look(f"/?q={server.sentence}&find=captions&split=extra&k=100")
    page.pictures(len(STRINGS))
    assert set(page.page.locator("#results .caption").all_text_contents()) == set(STRINGS)
    harmless(page.page)


def test_a_picture_whose_captions_and_name_are_hostile(look: Looks, server: Served) -> None:
    page = look(f"/?q={server.sentence}&split=extra&k=5")
    page.pictures(1)
    assert page.tiles.first.get_by_role("img").get_attribute("alt") == STRINGS[0]
    page.tiles.first.click()
    expect(page.panel.get_by_role("heading", level=2)).to_have_text(HOSTILE_NAME)
    assert page.panel.locator(".known li a").all_text_contents() == list(STRINGS)
    expect(
        page.panel.get_by_text("None: this collection has no other picture here.")
    ).to_be_visible()
    harmless(page.page)
    look.refusals = 1
    page.panel.locator(".known li a").first.click()
    expect(page.page.get_by_role("searchbox")).to_have_value(STRINGS[0])
    expect(page.page.get_by_role("alert")).to_contain_text("script")
    harmless(page.page)
