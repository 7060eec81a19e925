"""axe-core finds no serious fault, in light and dark, wide and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.fault import faults
from tests.browser.looked import Looks
from tests.browser.served import Served

pytestmark = pytest.mark.browser
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_no_fault(
    look: Looks, server: Served, scheme: str, size: dict[str, int], subtests: pytest.Subtests
) -> None:
    page = look(color_scheme=scheme, viewport=size)
    page.pictures(10)
    for what in ("", f"?q={server.sentence} zzyzx", f"?q={server.sentence}&find=captions"):
        page.at(f"/{what}").pictures(10)
        with subtests.test(what):
            assert faults(page.page) == []
    page.tiles.first.click()
    expect(page.panel.locator("#near .tile")).to_have_count(12)
    with subtests.test("opened"):
        assert faults(page.page) == []
    look.refusals = 1
    page.at("/?q=zzyzx")
    expect(page.page.get_by_role("alert")).to_be_visible()
    with subtests.test("refused"):
        assert faults(page.page) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_window(look: Looks, server: Served, width: int) -> None:
    page = look(f"/?q={server.sentence}", viewport={"width": width, "height": 800})
    page.pictures(10)
    wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.page.evaluate(wider) == 0
    page.tiles.first.click()
    expect(page.panel.locator("#near .tile")).to_have_count(12)
    assert page.panel.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0
