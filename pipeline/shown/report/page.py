"""A report as a page: its sections in their order, each as far as what it needs is at hand."""

from collections.abc import Callable, Iterable, Sequence

from core.errors import TencropError
from pipeline.said.errors import told
from pipeline.shown.document import Section, document
from pipeline.shown.markup import Html, tag
from pipeline.shown.report.confused import confused
from pipeline.shown.report.costs import costs
from pipeline.shown.report.figures import figures
from pipeline.shown.report.galleries import galleries
from pipeline.shown.report.given import Given
from pipeline.shown.report.head import lead, title
from pipeline.shown.report.notes import leaks, notes
from pipeline.shown.report.numbers import numbers
from pipeline.shown.report.reading import reading
from pipeline.shown.report.settings import provenance, settings
from pipeline.shown.report.shelf import Shelf
from pipeline.shown.thumbnails import Thumbnails, decoding


def page(given: Given, head: Sequence[Html] = ()) -> str:
    """The whole page; a section that cannot be made says why in its place.

    Args:
        given: what it is made of.
        head: as of ``pipeline.shown.document.document``.
    """
    with decoding():
        shelf = Shelf(given.corpus, Thumbnails())
        sections = [
            numbers(given),
            notes(given),
            *_as_far("figures", "Figures", lambda: [figures(given)]),
            *_as_far("found", "Found and missed", lambda: galleries(given, shelf)),
            *_as_far("confused", "Most confused", lambda: [confused(given, shelf)]),
            *_as_far("leaks", "Leaks from the training", lambda: [leaks(given)]),
            settings(given),
            provenance(given),
            costs(given),
            reading(),
        ]
    return document(title(given), sections, lead=lead(given), head=head)


def _as_far(id: str, title: str, make: Callable[[], Iterable[Section]]) -> list[Section]:
    """The sections, or one that says why they are not there."""
    try:
        return list(make())
    except (TencropError, OSError) as error:
        return [Section(id, title, tag("p", f"Not shown: {told(error)}"))]
