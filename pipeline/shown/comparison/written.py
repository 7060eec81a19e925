"""``report.html`` beside ``comparison.json``: drawn where it is not there as it would be drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import file_sha256, json_sha256, read_regular
from evaluate.kept import PAGE, REPORT
from pipeline.plots.attempt import attempt
from pipeline.said.progress import say
from pipeline.shown.comparison.given import Compared
from pipeline.shown.document import STYLE
from pipeline.shown.sealed import MOST, SHOWS, seal, shows, write_page


def keep_page(out: Path, told: Mapping[str, Any], given: Compared) -> None:
    """Write ``out/report.html``, and say where it is; a failure is a line and costs nothing else.

    Args:
        out: holds ``comparison.json``.
        told: what that says.
        given: what the page is made of.
    """
    file = out / PAGE
    digest = json_sha256(
        {"comparison": told, "style": file_sha256(STYLE), "at hand": given.at_hand}
    )
    if not shows(file, digest):
        attempt(file, lambda file: _draw(file, given, digest))
    if file.exists():
        say(f"to look at: {file}")


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


def _draw(file: Path, given: Compared, digest: str) -> None:
    from pipeline.shown.comparison.page import page

    write_page(file, page(given, head=seal(digest)))
