"""Markup of a page: whatever is no markup of ours is text, and is escaped here and nowhere else."""

import re
from html import escape

_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no page may hold: control characters, and halves of a character of two."""
_EMPTY = {"img", "meta", "br", "hr"}
"""Elements that have no end."""


class Html(str):
    """Markup that was made here, so that it is put into a page as it is."""

    __slots__ = ()


def html(text: str) -> Html:
    """A text as markup, also between the quotes of an attribute; markup is left as it is.

    Example:
        >>> html("<b> & 'c'"), html(html("<b>"))
        ('&lt;b&gt; &amp; &#x27;c&#x27;', '&lt;b&gt;')
    """
    return text if isinstance(text, Html) else Html(escape(_ODD.sub("\ufffd", text)))


def join(*parts: str) -> Html:
    """Parts one after another, each as ``html`` gives it."""
    return Html("".join(map(html, parts)))


def tag(name: str, /, *parts: str, **attributes: str) -> Html:
    """An element with ``parts`` in it, each as ``html`` gives it.

    Args:
        name: of the element.
        parts: what is in it; an element that has no end has nothing in it.
        attributes: by their names, ``_`` for ``-`` and one behind a word of Python's (``class_``).

    Example:
        >>> tag("p", "1 < 2, ", tag("b", "so"), class_="n")
        '<p class="n">1 &lt; 2, <b>so</b></p>'
    """
    told = "".join(f' {_name(key)}="{html(value)}"' for key, value in attributes.items())
    end = "" if name in _EMPTY else f"{join(*parts)}</{name}>"
    return Html(f"<{name}{told}>{end}")


def _name(key: str) -> str:
    """An attribute's own name, for that of an argument."""
    return "-".join(key.rstrip("_").split("_"))
