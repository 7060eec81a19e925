"""A drawn picture in a page."""

from base64 import b64encode

from pipeline.shown.markup import Html, tag


def data_uri(content: bytes, mime: str) -> str:
    """``content`` as an address that holds all of it (RFC 2397)."""
    return f"data:{mime};base64,{b64encode(content).decode()}"


def figure(content: bytes, mime: str, *, alt: str, caption: str = "") -> Html:
    """A picture as wide as there is room, with a caption under it.

    Args:
        content: its bytes.
        mime: what they are: ``image/svg+xml``, ``image/png``.
        alt: what is to be seen on it, for who does not see it.
        caption: a text or markup.
    """
    drawn = tag("img", src=data_uri(content, mime), alt=alt)
    below = [tag("figcaption", caption)] if caption else []
    return tag("figure", drawn, *below)
