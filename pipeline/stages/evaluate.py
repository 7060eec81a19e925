"""Stage three: a run and a split, of its own corpus or of another, to a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.asked.answering import answered, kept
from pipeline.asked.answers import folder_name, refuse_another
from pipeline.asked.circumstances import lines
from pipeline.asked.judged import judged
from pipeline.asked.leaking import Leaking
from pipeline.asked.posed import Posed, pose
from pipeline.asked.similarity import keep_similarity, there
from pipeline.memory.journal import journaled
from pipeline.memory.once import Once
from pipeline.refusals.askable import require_known
from pipeline.shown.report.given import Given
from pipeline.shown.report.written import keep_page
from pipeline.stages.terms import CorpusAt, Question, Terms


@dataclass(frozen=True, slots=True)
class Answer:
    """A report with what its page is made of, and how many pictures were asked about."""

    given: Given
    pictures: int

    @property
    def folder(self) -> Path:
        """Where the report is."""
        return self.given.folder

    @property
    def text(self) -> str:
        """What it says to a person."""
        return f"{self.given.report['table']}\n{self.given.report['line']}"

    def shown(self, question: Question) -> "Answer":
        """The same, and its page beside the report, where it is asked for.

        After the journal has its line: the page shows it.
        """
        if question.page:
            keep_page(self.given)
        return self


def evaluate(
    run: Path,
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
    once: Once | None = None,
) -> Answer:
    """The table; the report and what was predicted are written where ``question`` says.

    It is asked about the corpus ``data``, by default the run's own, whose features ``caches`` hold.
    Where nothing has changed since the report was made, it answers, and nothing is loaded that
    computes. Nothing is locked. ``once`` is what earlier stages of this process have read.

    Raises:
        RunError: there is no run; or the report cannot be written, and where else it can.
    """
    answer = _evaluate(run, question, terms=terms, data=data, caches=caches, once=once)
    return answer.shown(question)


@journaled("evaluate", lambda answer: (answer.folder, answer.pictures))
def _evaluate(
    run: Path,
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None,
    caches: Sequence[Path],
    once: Once | None,
) -> Answer:
    once = once or Once(terms.work)
    require_known(question)
    posed = pose(run, question, terms=terms, data=data, caches=caches, once=once)
    folder = question.out or run / folder_name(question, question.split, posed.other)
    if question.out:
        refuse_another(question.out, posed.facts)
    path = question.similarity
    before = there(path, posed.facts) if path else None
    leaking = Leaking([posed], once, terms.work, likeness=question.likeness)
    report = answered(
        folder,
        posed.facts,
        lambda: _answer(posed, question, folder, once, leaking),
        leaking.outdated,
    )
    if path:
        keep_similarity(path, folder, report, [*posed.facts], before)
    return answer_of([posed], folder, report, terms)


def answer_of(
    posed: Sequence[Posed], folder: Path, report: Mapping[str, Any], terms: Terms
) -> Answer:
    """Of runs that were asked one thing."""
    given = Given(
        folder,
        report,
        terms.work,
        device=terms.device,
        corpus=posed[0].part,
        runs=[each.opened for each in posed],
        caches=[cache.path for each in posed for cache in each.caches],
        sources=posed[0].sources if len(posed) == 1 else {},
    )
    return Answer(given, len(posed[0].part.images))


def _answer(
    posed: Posed, question: Question, folder: Path, once: Once, leaking: Leaking
) -> dict[str, Any]:
    """Look for leaks, predict, judge and keep."""
    from pipeline.device import judging, resolve

    leaks = leaking.leaks()
    trained, prediction, facts = posed.predicted(once)
    device = judging(resolve(facts["device"]))
    report = judged(
        trained, prediction, question.options(), protocol=question.protocol or None, device=device
    )
    return kept(folder, prediction, report, facts, lines(report, [facts]), leaks)
