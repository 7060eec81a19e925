"""``report.html`` beside ``report.json``: drawn where it is not there as it would be drawn."""

from importlib.util import find_spec
from pathlib import Path

from core.files import IrregularFile, file_sha256, json_sha256
from evaluate.kept import AGAIN, PAGE
from pipeline.asked.answers import is_writable
from pipeline.mapped.neighbours import METHODS
from pipeline.plots.attempt import attempt
from pipeline.said.progress import say
from pipeline.shown.document import STYLE
from pipeline.shown.report.given import Given
from pipeline.shown.sealed import seal, shown, shows, write_page

DRAWS = ("matplotlib", *(library for library, _ in METHODS.values()))
"""Libraries without which a page shows less: once they are there it is drawn anew."""


def keep_page(given: Given) -> None:
    """Write the page of a report, and say where it is; a failure is a line, and the report stands.

    Whether it is there already is told without what computes or draws.
    """
    file = given.folder / PAGE
    digest = _digest(given)
    if not shows(file, digest):
        if not is_writable(given.folder):
            say(f"{file} was not drawn: no writing there; name another folder with --out DIR")
            return
        attempt(file, lambda file: _draw(file, given, digest))
    if file.exists():
        say(f"to look at: {file}")


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


def _draw(file: Path, given: Given, digest: str) -> None:
    from pipeline.shown.report.page import page

    write_page(file, page(given, seal(digest)))


def _digest(given: Given) -> str:
    """Of all that the page follows from but the pictures and the journal, which are not waited for.

    The report says by which code of this program it was made; it is made anew with another.
    """
    there = [name for name in DRAWS if find_spec(name)]
    return json_sha256({"report": given.report, "style": file_sha256(STYLE), "draws": there})
