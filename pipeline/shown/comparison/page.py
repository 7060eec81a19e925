"""A comparison as a page: its sections in their order."""

from collections.abc import Sequence
from contextlib import nullcontext

from pipeline.compared.groups import of_all
from pipeline.compared.page import title
from pipeline.shown.comparison.drawn import differences, trainings
from pipeline.shown.comparison.given import Compared
from pipeline.shown.comparison.numbers import numbers, said, settings, tests
from pipeline.shown.comparison.origin import origin, who
from pipeline.shown.comparison.won import won
from pipeline.shown.document import Section, document
from pipeline.shown.drawings import drawings
from pipeline.shown.markup import Html, join
from pipeline.shown.report.shelf import Shelf
from pipeline.shown.thumbnails import Thumbnails, decoding


def page(given: Compared, head: Sequence[Html] = ()) -> str:
    """The whole page; what could not be drawn is not there, and was said in a line."""
    with decoding() if given.corpus else nullcontext():
        shelf = Shelf(given.corpus, Thumbnails())
        forests, curves = differences(given), trainings(given)
        sections = [
            said(given),
            numbers(given),
            Section("differences", "Differences", join(drawings(forests), tests(given))),
            won(given, shelf),
            settings(given),
            *([Section("trainings", "Trainings", drawings(curves))] if curves else []),
            origin(given),
        ]
    asked = title(of_all(given.groups))
    return document(f"Compared: {asked}", sections, lead=who(given), head=head)
