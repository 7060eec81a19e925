"""A page in one file: it loads and runs nothing; for a phone, the dark and the printer too."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipeline.shown.markup import Html, join, tag

STYLE = Path(__file__).with_name("style.css")
MANY = 3
"""From so many sections on a page has a table of contents."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: ``id`` is its name in an address, a word of ``a-z0-9-``."""

    id: str
    title: str
    body: Html


def document(
    title: str, sections: Sequence[Section], *, lead: str = "", head: Sequence[Html] = ()
) -> str:
    """The whole page.

    Its policy lets it show pictures that are in it, and nothing else: what an id or a caption might
    smuggle in would load nothing and run nothing either.

    Args:
        title: of the page and of its window.
        sections: in their order, no two of one ``id``.
        lead: stands under the title, before the contents.
        head: more of its head, as ``tag("meta", ...)`` gives it.
    """
    style = Html(STYLE.read_text(encoding="utf-8"))
    meta = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        *head,
        tag("title", title),
        tag("style", style),
    ]
    contents = [_contents(sections)] if len(sections) >= MANY else []
    main = tag("main", *map(_section, sections))
    body = tag("body", tag("header", tag("h1", title), lead), *contents, main)
    whole = tag("html", "\n", tag("head", *_lines(meta)), "\n", body, "\n", lang="en")
    return f"<!doctype html>\n{whole}\n"


def policy(style: str) -> str:
    """The Content-Security-Policy of a page (W3C, CSP 3) with this ``<style>`` and no other."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    allowed = f"img-src data:; style-src 'sha256-{digest}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _contents(sections: Sequence[Section]) -> Html:
    links = [tag("li", tag("a", each.title, href=f"#{each.id}")) for each in sections]
    return tag("nav", tag("ul", *links), aria_label="Contents")


def _section(each: Section) -> Html:
    named = f"{each.id}-title"
    head = tag("h2", each.title, id=named)
    return join(tag("section", head, each.body, id=each.id, aria_labelledby=named), "\n")


def _lines(parts: Sequence[Html]) -> list[Html]:
    return [join(part, "\n") for part in parts]
