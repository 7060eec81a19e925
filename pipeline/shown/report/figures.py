"""The figures of a report, as they were drawn."""

from collections.abc import Iterator
from functools import partial

from core.predictions import Embeddings
from pipeline.plots.drawn import Drawn
from pipeline.shown.document import Section
from pipeline.shown.drawings import drawings
from pipeline.shown.markup import tag
from pipeline.shown.report.given import Given
from pipeline.shown.report.ways import LABELS

NONE = "None could be drawn of this report."
OF_CLASSES = 120
"""Pictures, and as many captions, on the map of the classes."""


def figures(given: Given) -> Section:
    """What is drawn of the numbers, of the space, of its classes and of the training."""
    from pipeline.plots.report import figures as draw

    record = given.runs[0].record if len(given.runs) == 1 else None
    queries, classes = [*given.queries.values()], partial(_classes, given)
    found = draw(given.prediction, given.report, queries, record, given.margins, classes)
    body = drawings(found) if found else tag("p", NONE)
    return Section("figures", "Figures", body)


def _classes(given: Given) -> Iterator[Drawn]:
    """The five panels of one run, where right is what shares a label."""
    from pipeline.mapped.five import five
    from pipeline.plots.five_panels import five_panels

    found, part = given.prediction, given.corpus
    both = isinstance(found, Embeddings) and found.image.value.dtype == "float32" and found.caption
    if given.report["protocol_name"] == LABELS and given.sources and part and both:
        yield five_panels(five(found, part, given.sources, by="auto", most=OF_CLASSES))
