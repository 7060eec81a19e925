"""The figures of a report, as they were drawn."""

from pipeline.shown.document import Section
from pipeline.shown.drawings import drawings
from pipeline.shown.markup import tag
from pipeline.shown.report.given import Given

NONE = "None could be drawn of this report."


def figures(given: Given) -> Section:
    """What is drawn of the numbers, of the space and of the training."""
    from pipeline.plots.report import figures as draw

    record = given.runs[0].record if len(given.runs) == 1 else None
    found = draw(given.prediction, given.report, [*given.queries.values()], record, given.margins)
    body = drawings(found) if found else tag("p", NONE)
    return Section("figures", "Figures", body)
