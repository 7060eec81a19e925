"""A table of a page; where it is wider than the window it scrolls in a box of its own."""

from collections.abc import Sequence

from pipeline.shown.markup import Html, tag


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, label: str, numbers: bool = True
) -> Html:
    """Rows under a line of headings; the first cell of a row is what the row is.

    Args:
        head: a heading a column.
        rows: as many cells each, texts or markup.
        label: what the table is of, for who does not see it.
        numbers: the cells are numbers, to the right, and no line of them is broken.
    """
    named = [tag("th", each, scope="col") for each in head]
    body = [tag("tr", *_row(row)) for row in rows]
    kind = "numbers" if numbers else "words"
    whole = tag("table", tag("thead", tag("tr", *named)), tag("tbody", *body), class_=kind)
    return box(whole, label)


def facts(pairs: Sequence[tuple[str, str]], *, label: str) -> Html:
    """What things are: a name and a value a line."""
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in pairs]
    return box(tag("table", tag("tbody", *rows), class_="facts"), label)


def box(inner: Html, label: str) -> Html:
    """What may be wider than the window, in a box that scrolls, by keys too."""
    return tag("div", inner, class_="box", role="region", tabindex="0", aria_label=label)


def _row(row: Sequence[str]) -> list[Html]:
    first, *others = row
    return [tag("th", first, scope="row"), *(tag("td", cell) for cell in others)]
