"""A sentence is typed, and pictures or captions are there; what is chosen is in the address."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looked import Looks
from tests.browser.served import Served

pytestmark = pytest.mark.browser


def test_type_and_ten_pictures_are_loaded(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 pictures of")
    page.pictures(10)
    assert page.page.get_by_role("searchbox").input_value() == server.sentence
    first = page.tiles.first
    assert first.locator(".caption").inner_text() == first.get_by_role("img").get_attribute("alt")
    assert re.fullmatch(r"-?\d\.\d{3}", first.locator(".score").inner_text())
    scores = [float(score) for score in page.page.locator("#results .score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)


def test_a_page_that_nothing_was_asked_of_shows_what_there_is(look: Looks) -> None:
    page = look()
    expect(page.page.get_by_role("searchbox")).to_be_focused()
    expect(page.page.get_by_role("status").first).to_contain_text("Type a sentence")
    page.pictures(10)


def test_more_are_shown_below_those_that_are_there(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    before = page.ids
    page.page.get_by_role("button", name="Show more").click()
    page.pictures(30)
    assert page.ids[:10] == before
    assert "k=30" in page.address


def test_a_link_shows_another_person_the_same(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    page.page.get_by_label("The split to search").select_option("test")
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 pictures of")
    page.page.wait_for_function("() => !document.querySelector('[aria-busy]')")
    page.tiles.nth(2).click()
    title = page.panel.get_by_role("heading", level=2)
    expect(title).to_be_visible()
    shared, name = page.address, title.inner_text()
    other = look(shared)
    expect(other.panel.get_by_role("heading", level=2)).to_have_text(name)
    other.page.keyboard.press("Escape")
    expect(other.panel).to_be_hidden()
    other.pictures(10)
    assert other.ids == page.ids
    assert other.page.get_by_label("The split to search").input_value() == "test"
    assert other.page.get_by_role("searchbox").input_value() == server.sentence


def test_back_and_forward_show_what_was_there(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    first = page.ids
    page.page.get_by_text("Captions", exact=True).click()
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 captions")
    assert "find=captions" in page.address
    page.page.go_back()
    expect(page.page.get_by_role("radio", name="Pictures")).to_be_checked()
    page.pictures(10)
    assert page.ids == first
    page.page.go_forward()
    expect(page.page.get_by_role("radio", name="Captions")).to_be_checked()
    page.page.reload()
    expect(page.page.get_by_role("status").first).to_contain_text("The nearest 10 captions")


def test_a_search_that_is_typed_again_is_no_step_back(look: Looks, server: Served) -> None:
    page = look().search(server.sentence)
    page.pictures(10)
    before = page.page.evaluate("() => history.length")
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("() => history.length") == before


def test_words_that_nobody_knows_are_named(look: Looks, server: Served) -> None:
    page = look().search(f"{server.sentence} zzyzx")
    expect(page.page.locator("#unknown")).to_have_text(re.compile("do(es)? not know.*“zzyzx”"))
    page.pictures(10)
    page.search(server.sentence)
    expect(page.page.locator("#unknown")).to_be_hidden()


def test_what_is_refused_leads_on(look: Looks, server: Served) -> None:
    look.refusals = 1
    page = look().search("zzyzx")
    expect(page.page.get_by_role("alert")).to_contain_text("zzyzx")
    expect(page.tiles).to_have_count(0)
    expect(page.page.get_by_role("button", name="Try again")).to_have_count(0)
    page.search(server.sentence)
    page.pictures(10)
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_an_address_of_what_is_not_there_leads_on(look: Looks, server: Served) -> None:
    page = look("/?q=a&split=none&k=x&open=-1")
    page.page.get_by_role("button", name="Search all splits").click()
    page.pictures(10)
    page.at("/?q=a&corpus=7")
    expect(page.page.get_by_role("alert")).to_contain_text("There is no collection 7")
    page.page.get_by_role("button", name="Search the first one").click()
    page.pictures(10)
    assert page.address == "/"


def test_a_sentence_that_fits_no_address_is_not_sent(look: Looks) -> None:
    page = look()
    page.pictures(10)
    asked = len(page.asked)
    page.page.evaluate(
        "() => { document.getElementById('q').value = 'a dog 🐕 '.repeat(250) + 'x' }"
    )
    page.page.get_by_role("button", name="Search", exact=True).click()
    expect(page.page.get_by_role("alert")).to_contain_text("more than 2,000 characters")
    assert (page.asked[asked:], page.address) == ([], "/")
    page.page.evaluate("() => { document.getElementById('q').value = 'a dog 🐕 '.repeat(249) }")
    page.page.get_by_role("button", name="Search", exact=True).click()
    page.pictures(10)


def test_a_server_that_went_away_is_named(look: Looks, server: Served) -> None:
    page = look()
    page.pictures(10)
    page.page.route("**/api/**", lambda route: route.abort())
    page.search(server.sentence)
    expect(page.page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.page.unroute("**/api/**")
    page.page.get_by_role("button", name="Try again").click()
    page.pictures(10)
    assert all("net::ERR_FAILED" in error for error in page.errors)
    page.errors.clear()


def test_what_nobody_waits_for_any_more_is_not_shown(look: Looks, server: Served) -> None:
    page = look()
    page.pictures(10)
    late = []
    page.page.route("**/api/search*late*", lambda route: late.append(route))
    page.search(f"{server.sentence} late")
    page.search(server.sentence)
    page.pictures(10)
    for route in late:
        route.fulfill(json={"query": "", "unknown": ["late"], "seconds": 0, "results": []})
    page.page.wait_for_timeout(100)
    expect(page.tiles).to_have_count(10)
    expect(page.page.locator("#unknown")).to_be_hidden()
