"""Pages in one file, opened from the disk: what is written is read, with scripts and without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.fault import faults
from tests.browser.looked import Looked
from tests.browser.served import Served
from tests.browser.written import pages

pytestmark = pytest.mark.browser
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
MOST = 5_000_000


@pytest.fixture(scope="module")
def written(server: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return pages(server, tmp_path_factory.mktemp("reports"))


@pytest.fixture(params=["evaluate", "compare", "search"])
def page_file(request: pytest.FixtureRequest, written: dict[str, Path]) -> Iterator[Path]:
    file = written[request.param]
    assert file.stat().st_size < MOST
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_it_is_read_without_fault(
    chromium: Browser, page_file: Path, scheme: str, size: dict[str, int]
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme)
    look = Looked(context.new_page(), page_file.as_uri())
    look.page.goto(look.base)
    expect(look.page.get_by_role("heading", level=1)).to_be_visible()
    broken = "() => [...document.images].filter(image => image.naturalWidth === 0).length"
    assert look.page.evaluate(broken) == 0
    wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert look.page.evaluate(wider) == 0
    assert faults(look.page) == []
    assert look.errors == []
    assert [url for url in look.asked if url != look.base and not url.startswith("data:")] == []
    context.close()


def test_it_needs_no_script(chromium: Browser, page_file: Path) -> None:
    context = chromium.new_context()
    look = Looked(context.new_page(), page_file.as_uri())
    look.page.goto(look.base)
    with_scripts = look.page.locator("body").inner_text()
    assert look.page.locator("script").count() == 0
    context.close()
    context = chromium.new_context(java_script_enabled=False)
    look = Looked(context.new_page(), page_file.as_uri())
    look.page.goto(look.base)
    assert look.page.locator("body").inner_text() == with_scripts
    context.close()
