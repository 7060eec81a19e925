"""Pages: nothing that is shown becomes markup, and nothing is loaded or run."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image as Pillow

from core.matrices import Row
from core.records import Image
from pipeline.shown.document import Section, document
from pipeline.shown.figure import figure
from pipeline.shown.markup import Html, html, join, tag
from pipeline.shown.table import facts, table
from pipeline.shown.thumbnails import Thumbnails, Unshown, decoding, thumbnail

ODD = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!-- --><![CDATA[<b>]]>",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    "\x00<\x1bb>\ud800",
]


class Parsed(HTMLParser):
    """The elements, the attributes and the texts of a page, as a browser would take them."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def a_page(odd: str) -> str:
    body = join(
        tag("p", odd, title=odd),
        table([odd, "b"], [[odd, odd]], label=odd),
        facts([(odd, odd)], label=odd),
        figure(b"<svg/>", "image/svg+xml", alt=odd, caption=odd),
    )
    return document(odd, [Section(name, odd, body) for name in ("a", "b", "c")], lead=odd)


@pytest.mark.parametrize("odd", ODD)
def test_what_is_shown_is_no_markup(odd: str) -> None:
    plain, parsed = Parsed(a_page("plain")), Parsed(a_page(odd))
    assert parsed.elements == plain.elements
    assert [name for name, _ in parsed.attributes] == [name for name, _ in plain.attributes]
    shown = re.sub("[\x00\x1b\ud800]", "\ufffd", odd)
    assert parsed.text.count(shown) == plain.text.count("plain")
    assert a_page(odd).encode()


def test_a_page_loads_and_runs_nothing() -> None:
    parsed = Parsed(a_page("plain"))
    assert not {"script", "link", "iframe", "object", "form"} & {*parsed.elements}
    for name, value in parsed.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "href") or value.startswith(("data:", "#"))
    policies = [value for name, value in parsed.attributes if value.startswith("default-src")]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; img-src data:; style-src 'sha256-")


def test_the_policy_lets_the_style_in() -> None:
    page = a_page("plain")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert any(f"'sha256-{digest}'" in value for _, value in Parsed(page).attributes)
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "url(" not in style
    assert "@import" not in style


def test_contents_where_there_are_sections_enough() -> None:
    sections = [Section(f"s{n}", f"Part {n}", html("text")) for n in range(3)]
    assert '<a href="#s2">Part 2</a>' in document("t", sections)
    assert "<nav" not in document("t", sections[:2])


def test_markup_is_left_as_it_is() -> None:
    assert tag("p", Html("<b>x</b>"), "<") == "<p><b>x</b>&lt;</p>"
    assert tag("img", alt="", aria_label="x") == '<img alt="" aria-label="x">'


def saved(folder: Path, name: str, size: tuple[int, int], **options: object) -> Image:
    picture = Pillow.new("RGB", size, (200, 10, 10))
    picture.paste((10, 10, 200), (0, 0, size[0], size[1] // 2))
    picture.save(folder / name, **options)
    return Image(name, folder / name, "test")


def test_a_thumbnail_is_upright_and_small(tmp_path: Path) -> None:
    turned = Pillow.Exif()
    turned[0x0112] = 6  # a quarter turn clockwise
    image = saved(tmp_path, "a.jpg", (400, 200), exif=turned)
    with Pillow.open(io.BytesIO(thumbnail(image.picture, 50))) as made:
        assert (made.format, made.size) == ("JPEG", (25, 50))
        assert made.getpixel((2, 25))[0] > 150  # type: ignore[index]  # what lay below is left now
    small = saved(tmp_path, "b.png", (20, 10))
    with Pillow.open(io.BytesIO(thumbnail(small.picture, 50))) as made:
        assert made.size == (20, 10)


def test_a_picture_that_is_not_to_be_seen_says_why(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("<script>")
    (tmp_path / "empty.jpg").write_bytes(b"")
    whole = saved(tmp_path, "a.png", (40, 40))
    with decoding():
        shown = {
            name: Thumbnails().of(Image(name, place, "test"))
            for name, place in {
                "text": tmp_path / "text.jpg",
                "empty": tmp_path / "empty.jpg",
                "gone": tmp_path / "gone.jpg",
                "folder": tmp_path,
                "none": None,
                "row": Row(tmp_path / "x.npy", 0),
                "whole": whole.picture,
            }.items()
        }
    assert "not shown: not a picture" in shown["text"]
    assert "not shown: empty file" in shown["empty"]
    assert "not shown: its file is not there" in shown["gone"]
    assert shown["folder"].startswith('<span class="gone"')
    assert "no picture, but a vector" in shown["none"]
    assert "no picture, but a vector" in shown["row"]
    assert shown["whole"].startswith('<img src="data:image/jpeg;base64,')


def test_thumbnails_keep_to_their_budget(tmp_path: Path) -> None:
    images = [saved(tmp_path, f"{n}.png", (64, 64)) for n in range(3)]
    one = len(Thumbnails().of(images[0]))
    small = Thumbnails(budget=2 * one)
    made = [small.of(each) for each in images]
    assert [each.startswith("<img") for each in made] == [True, True, False]
    assert "pictures enough" in made[2]


def test_a_picture_above_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = saved(tmp_path, "a.png", (64, 64))
    monkeypatch.setattr("extract.images.MOST_PIXELS", 63 * 64)
    with pytest.raises(Unshown, match="more than 4,032 pixels"):
        thumbnail(image.picture)
