"""A browser, and a small run that is served to it.

Without ``-m browser`` no test here is imported: `make test` needs no browser, nor what drives one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import at_hand
from tests.browser.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.looked import Looks


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    tests = collection_path.name.startswith("test_")
    return True if tests and "browser" not in config.option.markexpr else None


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The browser of this machine; it may ask nobody but this machine."""
    from playwright.sync_api import sync_playwright

    from tests.browser.looked import ARGUMENTS

    found = at_hand.browser()
    assert found is not None, at_hand.LACKING
    with sync_playwright() as started:
        nobody = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = started.chromium.launch(executable_path=found, args=[*ARGUMENTS, nobody])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as world:
        yield world


@pytest.fixture
def look(chromium: "Browser", server: Served) -> Iterator["Looks"]:
    """Open a page of the server."""
    from tests.browser.looked import Looks

    looks = Looks(chromium, server.base)
    yield looks
    looks.end()
