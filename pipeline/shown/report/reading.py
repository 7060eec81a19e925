"""How the page is to be read, for who reads one for the first time."""

from pipeline.shown.document import Section
from pipeline.shown.markup import join, tag

POINTS = (
    (
        "R@K",
        "of 100 queries so many have a right answer among the first K; median and mean are the "
        "rank of the first right answer.",
    ),
    (
        "95 %",
        "had other pictures of the same kind been asked about, the number would lie in there in 95 "
        "of 100 cases. Two models whose intervals overlap may still differ: compare says so.",
    ),
    (
        "a blind guess",
        "what drawing lots would reach. A number near it says that nothing was learnt.",
    ),
    (
        "Found and missed",
        "what was found is drawn by lot among the queries whose first answer is right; what was "
        "missed are the queries whose right answer stands furthest down. A frame with ✓ is a right "
        "answer, one with ✗ a wrong one; a right one that is not among the first five stands "
        "behind them with its rank.",
    ),
    (
        "Wrong, or only not written down",
        "right is what the corpus says. A wrong answer may well fit: where many do, the numbers "
        "understate the model (docs/protocols.md, extended).",
    ),
    (
        "Leaks",
        "what the training has seen of the pictures and captions that are asked about. Where there "
        "are many, the numbers flatter.",
    ),
)


def reading() -> Section:
    """A sentence or two a word."""
    told = [join(tag("dt", name), tag("dd", words)) for name, words in POINTS]
    return Section("reading", "How to read this page", tag("dl", *told))
