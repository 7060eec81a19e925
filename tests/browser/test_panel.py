"""A picture is opened: large, with its captions and its neighbours, and closed again."""

import pytest
from playwright.sync_api import expect

from tests.browser.looked import Looked, Looks
from tests.browser.served import Served

pytestmark = pytest.mark.browser


def opened(look: Looks, server: Served) -> Looked:
    page = look().search(server.sentence)
    page.pictures(10)
    page.tiles.nth(1).click()
    expect(page.panel.get_by_role("heading", name="Its neighbours")).to_be_visible()
    return page


def title(page: Looked) -> str:
    return page.panel.get_by_role("heading", level=2).inner_text()


def test_click_shows_all_that_is_known(look: Looks, server: Served) -> None:
    page = opened(look, server)
    view = page.panel.locator(".view img")
    expect(view).to_have_js_property("complete", True)
    assert view.evaluate("image => image.naturalWidth") > 100
    assert page.panel.locator(".known li").count() > 1
    expect(page.panel.get_by_role("definition").first).to_be_visible()
    expect(page.panel.locator("#near .tile")).to_have_count(12)
    own = page.address.rpartition("open=")[2]
    hrefs = [tile.get_attribute("href") or "" for tile in page.panel.locator("#near .tile").all()]
    assert own not in [href.rpartition("open=")[2] for href in hrefs]


def test_neighbours_of_neighbours_and_back(look: Looks, server: Served) -> None:
    page = opened(look, server)
    names = [title(page)]
    for number in (0, 3):
        page.panel.locator("#near .tile").nth(number).click()
        expect(page.panel.get_by_role("heading", level=2)).not_to_have_text(names[-1])
        names.append(title(page))
        expect(page.panel.locator("#near .tile")).to_have_count(12)
    page.page.go_back()
    expect(page.panel.get_by_role("heading", level=2)).to_have_text(names[1])
    page.page.go_back()
    expect(page.panel.get_by_role("heading", level=2)).to_have_text(names[0])
    page.page.go_back()
    expect(page.panel).to_be_hidden()
    expect(page.tiles).to_have_count(10)


@pytest.mark.parametrize("way", ["Escape", "button", "beside"])
def test_closing_goes_back_to_the_results_at_once(look: Looks, server: Served, way: str) -> None:
    page = opened(look, server)
    name = title(page)
    page.panel.locator("#near .tile").first.click()
    expect(page.panel.get_by_role("heading", level=2)).not_to_have_text(name)
    if way == "button":
        page.panel.get_by_role("button", name="Close").click()
    elif way == "beside":
        page.page.mouse.click(4, 500)
    else:
        page.page.keyboard.press(way)
    expect(page.panel).to_be_hidden()
    assert "open" not in page.address
    page.page.go_back()
    page.page.wait_for_function("() => location.search === ''")


def test_a_caption_is_searched_by(look: Looks, server: Served) -> None:
    page = opened(look, server)
    caption = page.panel.locator(".known li a").first
    text = caption.inner_text()
    caption.click()
    expect(page.panel).to_be_hidden()
    expect(page.page.get_by_role("searchbox")).to_have_value(text)
    page.pictures(10)


def test_a_caption_that_was_found_leads_to_its_picture(look: Looks, server: Served) -> None:
    page = look(f"/?q={server.sentence}&find=captions")
    page.pictures(10)
    text = page.tiles.first.locator(".caption").inner_text()
    page.tiles.first.click()
    expect(page.panel.locator(".known li a").filter(has_text=text).first).to_be_visible()


def test_a_picture_that_is_not_there_leads_on(look: Looks, server: Served) -> None:
    look.refusals = 1
    page = look(f"/?q={server.sentence}&open=99999")
    expect(page.panel.get_by_role("alert")).to_contain_text("99999")
    page.page.keyboard.press("Escape")
    expect(page.panel).to_be_hidden()
    page.pictures(10)


def test_what_was_closed_before_all_was_known_stays_closed(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    late = []
    page.page.route("**/neighbours*", lambda route: late.append(route))
    with page.page.expect_request("**/neighbours*"):
        page.tiles.first.click()
    expect(page.panel.get_by_role("heading", level=2)).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.panel).to_be_hidden()
    assert late, "what is late was never asked for"
    for route in late:
        route.abort()
    page.page.wait_for_timeout(100)
    expect(page.panel).to_be_hidden()
    page.tiles.nth(1).click()
    expect(page.panel.get_by_role("heading", level=2)).to_be_visible()
