"""``report.html`` beside ``report.json``: when it is drawn anew, and what is wrong with it."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from core.files import IrregularFile, file_sha256, json_sha256
from evaluate.kept import AGAIN, PAGE
from pipeline.mapped.neighbours import METHODS
from pipeline.shown.document import STYLE
from pipeline.shown.keeping import keep
from pipeline.shown.markup import Html
from pipeline.shown.report.given import Given
from pipeline.shown.sealed import shown

DRAWS = ("matplotlib", *(library for library, _ in METHODS.values()))
"""Libraries without which a page shows less: once they are there it is drawn anew."""


def keep_page(given: Given) -> None:
    """Write the page of a report, and say where it is; a failure is a line, and the report stands.

    What draws is imported where the page is not there.
    """

    def draw(head: Sequence[Html]) -> str:
        from pipeline.shown.report.page import page

        return page(given, head)

    keep(given.folder / PAGE, _digest(given), draw)


def flaw(folder: Path) -> str:
    """What is wrong with the page in ``folder``; empty where nothing is, or where there is none."""
    name = f"{folder.name}/{PAGE}"
    try:
        whole = shown(folder / PAGE) is not None
    except FileNotFoundError:
        return ""
    except IrregularFile as error:
        return f"{name} {error.strerror}: move it elsewhere"
    except OSError as error:
        return f"{name} cannot be read ({error.strerror}); see to that, then {AGAIN}"
    return "" if whole else f"{name} is damaged: it is no page as it was written; {AGAIN}"


def _digest(given: Given) -> str:
    """Of all that the page follows from but the pictures and the journal, which are not waited for.

    The report says by which code of this program it was made; it is made anew with another.
    """
    there = [name for name in DRAWS if find_spec(name)]
    return json_sha256({"report": given.report, "style": file_sha256(STYLE), "draws": there})
