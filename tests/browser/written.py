"""The pages in one file that the commands write of a run."""

from pathlib import Path

from tests.browser.served import Served
from tests.e2e.conftest import SMALL, typed


def pages(server: Served, folder: Path) -> dict[str, Path]:
    """By the command that wrote it; what is compared is the run and another seed of it."""
    given = ["--data", server.data, "--work", server.work]
    other = typed("train", server.cache, *given, *SMALL, "--seed", 1)
    typed("evaluate", server.run, "--work", server.work)
    typed("compare", server.run, other, "--out", folder / "compared", "--work", server.work)
    found = folder / "found.html"
    typed("search", server.run, server.sentence, "--html", found, "--work", server.work)
    return {
        "evaluate": Path(server.run) / "eval-test" / "report.html",
        "compare": folder / "compared" / "report.html",
        "search": found,
    }
