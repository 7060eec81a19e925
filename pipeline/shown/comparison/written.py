"""``report.html`` beside ``comparison.json``: when it is drawn anew, and what it must not cover."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import file_sha256, json_sha256, read_regular
from evaluate.kept import PAGE, REPORT
from pipeline.shown.comparison.given import Compared
from pipeline.shown.document import STYLE
from pipeline.shown.keeping import keep
from pipeline.shown.markup import Html
from pipeline.shown.sealed import MOST, SHOWS


def keep_page(out: Path, told: Mapping[str, Any], given: Compared) -> None:
    """Write ``out/report.html``, and say where it is; a failure is a line and costs nothing else.

    Args:
        out: holds ``comparison.json``.
        told: what that says.
        given: what the page is made of.
    """
    digest = json_sha256(
        {"comparison": told, "style": file_sha256(STYLE), "at hand": given.at_hand}
    )

    def draw(head: Sequence[Html]) -> str:
        from pipeline.shown.comparison.page import page

        return page(given, head)

    keep(out / PAGE, digest, draw)


def refuse_another(out: Path | None) -> None:
    """Refuse to write over what is no comparison's page, before anything is computed.

    Raises:
        RunError: there is such a file, or a report whose page has that name.
    """
    if out is None:
        return
    if (out / REPORT).exists():
        raise RunError(f"{out} keeps an answer with a page of its own; choose another --out")
    if (out / PAGE).exists() and SHOWS.encode() not in read_regular(out / PAGE, most=MOST):
        raise RunError(f"{out / PAGE} is no page of this program; choose another --out")
