"""Stage three without a run: matrices of similarities, ours or other systems', to a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.ensemble import Ensemble
from core.errors import SettingError
from core.files import plain_name
from core.similarities.matrix import Similarity
from evaluate.report import Report
from pipeline.asked.answering import answered, kept
from pipeline.asked.answers import folder_name, refuse_another
from pipeline.asked.matrices import known, lines, opening, read_each, require_one_corpus
from pipeline.asked.together import facts_of
from pipeline.memory.journal import journaled
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.refusals.askable import require_known
from pipeline.said.progress import say
from pipeline.shown.report.given import Given
from pipeline.stages.evaluate import Answer
from pipeline.stages.terms import Question, Terms


def from_similarity(paths: Sequence[Path], question: Question, *, terms: Terms) -> Answer:
    """The table of a matrix, or of several and of their mean, joined by ids.

    The report is written where ``question`` says, of one matrix by default beside its file. Where
    it says all that would be said now, it answers.

    Raises:
        SettingError: it is not said where the answer of several is to be kept.
        InputError: a file is no matrix or given twice, or two are of other images or captions.
        NumberError: a similarity is a NaN or an infinity.
        RunError: the report cannot be written, and where else it can.
    """
    return _from_similarity(paths, question, terms=terms).shown(question)


@journaled("evaluate", lambda answer: (answer.folder, answer.pictures))
def _from_similarity(paths: Sequence[Path], question: Question, *, terms: Terms) -> Answer:
    require_known(question)
    if question.out is None and len(paths) > 1:
        raise SettingError(
            "the answer of several matrices is beside none of them; name a folder with --out"
        )
    given = read_each(paths)
    require_one_corpus(given)
    for name, made in given.items():
        say(opening(made, Path(name)))
    computing = machine("cpu", Once(terms.work).known)
    each = [known(made, Path(name), question, computing) for name, made in given.items()]
    facts = each[0] if len(each) == 1 else facts_of(each)
    folder = question.out or _beside(paths[0], question, facts["split"])
    if question.out:
        refuse_another(folder, facts)
    report = answered(folder, facts, lambda: _answer(given, question, folder, each))
    first = next(iter(given.values()))
    matrix = first if len(given) == 1 else Ensemble.of_similarities(given)
    return Answer(Given(folder, report, terms.work, matrix=matrix), first.value.shape[0])


def _beside(path: Path, question: Question, split: str | None) -> Path:
    name = folder_name(question, split or "")
    return path.with_name(f"{plain_name(path.stem)}-{name}")


def _answer(
    given: Mapping[str, Similarity],
    question: Question,
    folder: Path,
    known: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Rank each, and the mean of all; keep."""
    from evaluate.judge import judge
    from evaluate.several import Several

    def judged(prediction: Similarity | Ensemble) -> Report:
        return judge(prediction, question.options(), protocol=question.protocol or None)

    each = [judged(made) for made in given.values()]
    if len(each) == 1:
        made = next(iter(given.values()))
        return kept(folder, made, each[0], known[0], lines(each[0], known))
    both = Ensemble.of_similarities(given)
    report = Several.of(judged(both), each, [Path(name).stem for name in given])
    return kept(folder, both, report, facts_of(known), lines(report, known))
