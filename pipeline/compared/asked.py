"""What is compared: an answer with one value a query, of a run or of a folder that keeps one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError, RunError
from evaluate.kept import REPORT, read_whole, verify_report
from evaluate.queries import Queries, read_queries
from pipeline.stages.terms import Question
from train.record import CONFIG, Record

TYPED = {"options": "set"}
"""What is typed for a field of ``asked``, where that is not its name."""
IDLE = {"ties", "of"}
"""What is asked and changes no value: rules of ties, and that a matrix was ranked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who answered, by ``name``, its report, and one value a query of each way of asking.

    ``identity`` is what decides the weights of a run (``train.identity``), its settings as today's
    schema reads them; None of a folder, which may hold the answer of several runs averaged.
    ``record`` is that of the run's training, None of such a folder.
    """

    name: str
    report: Mapping[str, Any]
    queries: Sequence[Queries]
    identity: Mapping[str, Any] | None = None
    record: Record | None = None

    @property
    def model(self) -> Any:
        """What answered: the digest of a model, of several a list, or of a matrix of others."""
        return self.report.get("model") or self.report["similarity"]


def is_answer(path: Path) -> bool:
    """Whether ``path`` keeps a report, and is no run."""
    return (path / REPORT).is_file() and not (path / CONFIG).exists()


def read_answer(folder: Path, name: str, identity: Mapping[str, Any] | None = None) -> Asked:
    """What ``evaluate`` kept in ``folder``.

    Raises:
        RunError: it is not as it was written, or of an earlier version.
        InputError: its protocol keeps no value a query.
    """
    report = read_whole(folder)
    if report is None:
        why = next(iter(verify_report(folder)), f"{folder / REPORT} is of an earlier version")
        raise RunError(f"{why.partition(';')[0]}; ask again with `evaluate RUN... --out {folder}`")
    queries = read_queries(folder)
    if not queries:
        raise InputError(
            f"{folder}: the protocol {report['protocol_name']} keeps no value a query, so there is "
            "nothing to compare; ask by another one with --protocol"
        )
    return Asked(name, report, queries, identity)


def require_answers(asked: Asked, question: Question) -> None:
    """Refuse an answer that was kept for another question.

    Raises:
        RunError: it is; what was asked is named.
    """
    there, now = asked.report["asked"], question.as_asked()
    for key in sorted((there.keys() | now.keys()) - IDLE):
        unknown = key == "split" and there.get(key) is None  # of a matrix that others made
        if there.get(key) != now.get(key) and not unknown:
            option = TYPED.get(key, key)
            raise RunError(
                f"{asked.name} was asked with {key} {_told(there.get(key))}, not "
                f"{_told(now.get(key))}; compare with the same --{option}, or ask it again with "
                "`evaluate --out`"
            )


def _told(value: object) -> str:
    return (
        "+".join(map(str, value)) if isinstance(value, list) and value else repr(value or "usual")
    )
