"""Reciprocal rank of the best-placed right answer (Voorhees 1999)."""

PERFECT = {"mrr": 100.0}
USES = "best"


def measure(hits, options):
    """``mrr``: 100 / rank, (Q,) float64."""
    return {"mrr": 100.0 / hits.best}
