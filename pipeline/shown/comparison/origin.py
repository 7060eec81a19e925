"""Who is compared, and how the tests were made."""

from pipeline.compared.called import legends
from pipeline.compared.groups import of_all
from pipeline.compared.kept import HOW
from pipeline.shown.comparison.given import Compared
from pipeline.shown.document import Section
from pipeline.shown.markup import join, tag
from pipeline.shown.table import facts, table

HEADS = ("run", "of", "seed", "epoch", "model", "features")


def origin(given: Compared) -> Section:
    """A row a run; what all were asked; the numbers of the draws."""
    rows = [
        [
            member.name,
            name,
            str(member.report.get("seed", "-")),
            str(member.report.get("epoch", "-")),
            *(_short(member.report.get(key)) for key in ("model", "cache")),
        ]
        for name, group in zip(given.called, given.groups, strict=True)
        for member in group.members
    ]
    report = of_all(given.groups)
    corpus = report.get("corpus") or {}
    told = {
        "split": str(report["split"]),
        "corpus": f"{corpus.get('name', '-')} {_short(corpus.get('sha256'))}",
        "protocol": str(report.get("protocol", report["protocol_name"])),
        "version": str(report.get("version", "-")),
        **{f"tests, {key}": _words(value) for key, value in HOW.items()},
    }
    shown = table(HEADS, rows, label="Who is compared", numbers=False)
    return Section("origin", "Provenance", join(shown, facts([*told.items()], label="How")))


def who(given: Compared) -> str:
    """Who stands behind each name, for the head of the page."""
    lines = legends(given.groups, given.called, given.settings)
    return join(*(tag("p", line) for line in lines))


def _short(digest: object) -> str:
    return digest[:8] if isinstance(digest, str) else "-"


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)
