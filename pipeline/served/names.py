"""By which names the server is asked: what a foreign page makes a browser ask is not answered.

A page of another site may have its own name point to this machine (DNS rebinding), and would then
read what is served here as its own: so the name in ``Host`` must be one that was given. It may also
send a form or load a picture from here: so what the browser says of the page that asks counts
(``Origin``, RFC 6454; ``Sec-Fetch-Site``, W3C Fetch Metadata).
"""

import re
from collections.abc import Mapping

from pipeline.served.refused import Refused

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})
"""Hosts that are no name: the server listens on all of the machine's."""
OURS = frozenset({"", "same-origin", "none"})
"""What ``Sec-Fetch-Site`` says of our own page and of an address that was typed."""
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{0,5})?")


def name_of(host: str) -> str | None:
    """The name in a ``Host`` header, in lower case and without the port; None where it is none.

    Example:
        >>> name_of("LOCALHOST:8000"), name_of("[::1]:80"), name_of("a/b")
        ('localhost', '::1', None)
    """
    found = _HOST.fullmatch(host.lower())
    return (found[1] or found[2].rstrip(".")) if found else None


def require_name(headers: Mapping[str, str], names: frozenset[str]) -> None:
    """Refuse a request that asks for another machine's page.

    Raises:
        Refused: 421.
    """
    if name_of(headers.get("host", "")) not in names:
        raise Refused(
            421,
            f"this server is called {' or '.join(sorted(names))}, and nothing else; open the "
            "address that `serve` printed, or name the other one with `serve --name NAME`",
        )


def require_own_page(headers: Mapping[str, str], path: str) -> None:
    """Refuse what another site's page asks; only a link to the page itself may be anywhere.

    Raises:
        Refused: 403.
    """
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    # "null" is what a page says that sends no referrer, and any that is shut in a sandbox.
    same = not origin or origin.partition("://")[2] == headers.get("host", "")
    same = same or (origin == "null" and site == "same-origin")
    linked = path == "/" and headers.get("sec-fetch-mode") == "navigate"
    if not same or not (site in OURS or linked):
        raise Refused(
            403, "only the page of this server may ask it; open the address that `serve` printed"
        )
