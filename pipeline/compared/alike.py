"""What all that are compared must share: split, pictures, captions, protocol, and every query."""

from collections.abc import Sequence

from core.errors import RunError
from core.wording import counted
from pipeline.compared.asked import Asked


def require_alike(asked: Sequence[Asked]) -> None:
    """Refuse answers between which a difference would say nothing.

    Raises:
        RunError: two are of one model, or of other questions; both are named.
    """
    first = asked[0]
    for number, other in enumerate(asked):
        for same in asked[:number]:
            if same.model == other.model:
                raise RunError(f"{same.name} and {other.name} are one model; give it once")
        if number:
            _require_one_question(first, other)
            _require_same_queries(first, other)


def _require_one_question(first: Asked, other: Asked) -> None:
    """Of a matrix that others made no split is known: that its queries are the same decides."""
    both = f"{first.name} and {other.name}"
    one, two = first.report, other.report
    known = all(each.get("corpus") and each["split"] for each in (one, two))
    if known and one["split"] != two["split"]:
        raise RunError(
            f"{both} were asked about {one['split']} and {two['split']}; compare answers of one "
            "--split"
        )
    if known and one["corpus"]["sha256"] != two["corpus"]["sha256"]:
        names = " and ".join(repr(each["corpus"]["name"]) for each in (one, two))
        raise RunError(
            f"{both} were asked about other pictures or captions ({names}); name one corpus with "
            "--data"
        )
    if one["protocol_name"] != two["protocol_name"]:
        raise RunError(
            f"{both} were judged by the protocols {one['protocol_name']} and "
            f"{two['protocol_name']}; name one with --protocol"
        )


def _require_same_queries(first: Asked, other: Asked) -> None:
    """A picture that only one could read is a query of that one alone."""
    ways = {each.way: set(each.id.tolist()) for each in first.queries}
    others = {each.way: set(each.id.tolist()) for each in other.queries}
    for way in ways.keys() & others.keys():
        if apart := sorted(ways[way] ^ others[way]):
            raise RunError(
                f"{first.name} and {other.name} did not answer the same queries: "
                f"{counted(len(apart), 'query', 'queries')} ({way}) only one, such as "
                f"{apart[0]!r}; make the features of both from the same files"
            )
