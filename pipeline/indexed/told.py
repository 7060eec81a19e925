"""What an index is and finds, in lines for a person."""

from collections.abc import Mapping
from typing import Any

from core.wording import counted

OTHERS = {"pictures": "caption", "captions": "picture"}
EFFORTS = {"hnsw": "{:,} neighbours are followed", "ivf": "{:,} of {:,} cells are looked into"}
EFFORTS["ivfpq"] = EFFORTS["ivf"]


def told(facts: Mapping[str, Any]) -> str:
    """The kind, the size, how much of exact search it finds, and by which queries that is known."""
    size = f"{facts['bytes'] / max(1, facts['count']):,.0f} bytes each"
    what = f"{facts['kind']}: {counted(facts['count'], 'vector')} of {facts['find']}, {size}"
    return f"{what}\n{recall(facts)}; {_effort(facts)}"


def recall(facts: Mapping[str, Any]) -> str:
    """How much it finds, by which queries; as ``search --index`` says it, too."""
    known = facts["recall"]
    others, queries = known["of_the_other_side"], known["queries"]
    of = [counted(others, OTHERS[facts["find"]])] if others else []
    if queries > others:
        of.append(counted(queries - others, "drawn vector") + " of its own, each without itself")
    return f"recall@{known['at']} {known['value']:.3f} against exact search, of {' and '.join(of)}"


def _effort(facts: Mapping[str, Any]) -> str:
    if facts["kind"] == "flat":
        return "each vector is looked at"
    looked = EFFORTS[facts["kind"]].format(facts["effort"], facts["cells"])
    return f"{looked}, {counted(facts['candidates'], 'candidate')} a result compared exactly"
