"""A figure of a page as SVG: the same bytes each time, and readable on a light and on a dark page.

matplotlib writes colours as numbers. Those of ``THEME`` are exchanged for names that the file's own
style explains twice (W3C, Media Queries 5: ``prefers-color-scheme``).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipeline.plots.canvas import COLOURS, GREY, STYLE, figure, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIME = "image/svg+xml"
INK, SOFT, FAINT = "#1b1e21", "#565d64", "#d5d9de"
GROUND = {"light": "#ffffff", "dark": "#14171a"}
LIT = ("#56b4e9", "#f08a4b", "#2fc79a", "#e39ac4", "#f0b93a", "#9ad2f5", "#d0d4d8")
"""The same hues as ``COLOURS``, lighter."""
THEME = {INK: "#e6e8ea", SOFT: "#a5adb5", FAINT: "#363c42", GREY: "#8d959c"} | dict(
    zip((each.lower() for each in COLOURS), LIT, strict=True)
)
"""A colour on a light ground -> the one that stands for it on a dark one."""
PAPER: Any = STYLE | {
    "svg.fonttype": "none",
    "svg.hashsalt": "tencrop",
    "text.parse_math": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "grid.color": FAINT,
    "axes.axisbelow": True,
    "lines.color": INK,
}
WIDTH, HEIGHT = 4.8, 3.2  # inches: not much wider than a phone, so that letters stay readable there
EDGES = {"left": 0.13, "right": 0.97, "bottom": 0.17, "top": 0.96}
_DIGITS = re.compile(r"(\.\d\d)\d+")
_PLACES = re.compile(r'\b(?:d|x|y|transform|points)="[^"]*"')
_LOOKS = re.compile(r'style="[^"]*"')
_LETTERS = re.compile(r"(font: [\d.]+px) [^;\"]*")


@contextmanager
def paper(width: float = WIDTH, height: float = HEIGHT) -> Iterator["Figure"]:
    """A figure of so many inches for a page."""
    with figure(width, height, layout=None, style=PAPER) as drawn:
        drawn.subplots_adjust(**EDGES)
        yield drawn


def svg(drawn: "Figure") -> bytes:
    """The figure as UTF-8, texts as texts, places to a hundredth of a point."""
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    text = written(drawn, "svg", nothing).decode()
    text = re.sub(r"<!--.*?-->\n?|<\?xml.*?\?>\n?|<!DOCTYPE[^>]*>\n?", "", text, flags=re.DOTALL)
    text = _PLACES.sub(lambda found: _DIGITS.sub(r"\1", found[0]), text)
    text = _LOOKS.sub(lambda found: _look(found[0]), text)
    return text.replace("<defs>", f"<style>{_style()}</style>\n <defs>", 1).encode()


def _look(style: str) -> str:
    for number, colour in enumerate(THEME):
        style = style.replace(f": {colour}", f": var(--c{number})")
    return _LETTERS.sub(r"\1 system-ui, sans-serif", style)


def _style() -> str:
    light = "".join(f";--c{n}:{each}" for n, each in enumerate(THEME))
    dark = "".join(f";--c{n}:{each}" for n, each in enumerate(THEME.values()))
    ground = {name: f"svg{{background:{colour}" for name, colour in GROUND.items()}
    dim = f"@media(prefers-color-scheme:dark){{{ground['dark']}{dark}}}}}"
    return f"{ground['light']}{light}}}{dim}"
