"""A page in a browser, of which is noted what it complains about and whom it asks."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LOADED = """count => [...document.querySelectorAll("#results img")].filter(image => {
    if (!image.complete) image.scrollIntoView({ block: "nearest" });
    return image.complete && image.naturalWidth > 0;
}).length === count"""
expect.set_options(timeout=20_000)


@dataclass
class Looked:
    """A page, what its console said that is an error, and each address that it asked for."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def at(self, address: str = "/") -> "Looked":
        self.page.goto(self.base + address)
        expect(self.page.locator("#about")).not_to_be_empty()
        return self

    def search(self, words: str) -> "Looked":
        self.page.get_by_role("searchbox").fill(words)
        self.page.keyboard.press("Enter")
        return self

    def pictures(self, count: int) -> None:
        """Wait until so many pictures of the results are there to be seen."""
        expect(self.page.locator("[aria-busy]")).to_have_count(0)
        expect(self.tiles).to_have_count(count)
        self.page.wait_for_function(LOADED, arg=count)

    @property
    def tiles(self) -> Locator:
        return self.page.locator("#results .tile")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def ids(self) -> list[str]:
        """Which pictures the tiles show, in their order."""
        hrefs = [tile.get_attribute("href") or "" for tile in self.tiles.all()]
        return [href.rpartition("open=")[2] for href in hrefs]

    @property
    def address(self) -> str:
        return self.page.url.removeprefix(self.base)

    def strangers(self) -> list[str]:
        """Addresses that were asked for and are not the server's, nor of what the page holds."""
        ours = (f"{self.base}/", "blob:", "data:")
        return [url for url in self.asked if not url.startswith(ours)]


@dataclass
class Looks:
    """Opens pages; at the end none of them may have complained, or asked a stranger."""

    browser: Browser
    base: str
    all: list[Looked] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    refusals: int = 0
    """How many answers of 400 and above the test means to provoke."""

    def __call__(self, address: str = "/", **context: object) -> Looked:
        made = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        self.contexts.append(made)
        self.all.append(Looked(made.new_page(), self.base))
        return self.all[-1].at(address)

    def end(self) -> None:
        for context in self.contexts:
            context.close()
        errors = [error for look in self.all for error in look.errors]
        refused = [error for error in errors if "the server responded with a status of 4" in error]
        assert [error for error in errors if error not in refused] == []
        assert len(refused) == self.refusals
        assert [url for look in self.all for url in look.strangers()] == []
