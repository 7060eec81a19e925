"""Stage three for several runs: each alone, and the mean of their similarities, in one report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.ensemble import Ensemble
from core.errors import SettingError
from core.predictions import Prediction
from pipeline.asked.answering import answered, kept
from pipeline.asked.answers import refuse_another
from pipeline.asked.circumstances import lines
from pipeline.asked.judged import judged
from pipeline.asked.leaking import Leaking
from pipeline.asked.posed import Posed, pose
from pipeline.asked.similarity import keep_similarity, there
from pipeline.asked.together import (
    caches_of,
    facts_of,
    refuse_idle,
    require_different,
    require_one_question,
    require_one_training,
)
from pipeline.memory.journal import journaled
from pipeline.memory.once import Once
from pipeline.refusals.askable import require_known
from pipeline.stages.evaluate import Answer, answer_of
from pipeline.stages.terms import CorpusAt, Question, Terms

if TYPE_CHECKING:
    from evaluate.several import Several
    from train.trained import Trained


def average(
    runs: Sequence[Path],
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
) -> Answer:
    """The table of each run and of all together; the report is written into ``question.out``.

    The runs are joined by the ids of what they are asked about, and keep their own reports as they
    are. Of ``caches`` each run takes those that it reads. Else as ``pipeline.stages.evaluate``.

    Raises:
        SettingError: it is not said where the answer is to be kept.
        RunError: a run is given twice, or two are of different corpora or asked different things.
        InputError: they are judged by different protocols, or give no embeddings.
    """
    answer = _average(runs, question, terms=terms, data=data, caches=caches)
    return answer.shown(question)


@journaled("evaluate", lambda answer: (answer.folder, answer.pictures))
def _average(
    runs: Sequence[Path],
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None,
    caches: Sequence[Path],
) -> Answer:
    if question.out is None:
        raise SettingError(
            "the answer of several runs is in none of them; name a folder with --out"
        )
    once, folder = Once(terms.work), question.out
    require_known(question)
    opened = [once.opened(run) for run in runs]
    require_different(opened)
    require_one_training(opened)
    given = [once.cache(path) for path in caches]
    refuse_idle(opened, given)
    posed = [
        pose(
            each.run,
            question,
            terms=terms,
            data=data,
            caches=[cache.path for cache in caches_of(each, given)],
            once=once,
            opened=each,
        )
        for each in opened
    ]
    require_one_question(posed)
    facts = facts_of([each.facts for each in posed])
    refuse_another(folder, facts)
    path = question.similarity
    before = there(path, facts) if path else None
    leaking = Leaking(posed, once, terms.work, likeness=question.likeness)
    report = answered(
        folder,
        facts,
        lambda: _answer(posed, question, folder, once, leaking),
        leaking.outdated,
    )
    if path:
        keep_similarity(path, folder, report, [*facts], before)
    return answer_of(posed, folder, report, terms)


def _answer(
    posed: Sequence[Posed], question: Question, folder: Path, once: Once, leaking: Leaking
) -> dict[str, Any]:
    """Look for leaks, predict by each, judge each and the mean, and keep."""
    leaks = leaking.leaks()
    predicted = [each.predicted(once) for each in posed]
    facts = [facts for *_, facts in predicted]
    models = {
        str(each.opened.run): (trained, prediction)
        for each, (trained, prediction, _) in zip(posed, predicted, strict=True)
    }
    both = Ensemble.of({name: prediction for name, (_, prediction) in models.items()})
    report = _judged(models, both, question, facts[0]["device"])
    return kept(folder, both, report, facts_of(facts), lines(report, facts), leaks)


def _judged(
    models: "dict[str, tuple[Trained, Prediction]]", both: Ensemble, question: Question, device: str
) -> "Several":
    """Each by its own rule, and the mean of all; where all have the gallery's bias, without too."""
    from evaluate.galleried import Galleried
    from evaluate.judge import judge
    from evaluate.several import Several
    from pipeline.device import judging, resolve
    from train.gallery.bank import require_galleried
    from train.gallery.bias import in_words, plain

    options = question.options()
    protocol, where = question.protocol or None, judging(resolve(device))
    each = [judged(*model, options, protocol=protocol, device=where) for model in models.values()]
    report = judge(both, options, protocol=protocol, device=where)
    biases = [trained.gallery and trained.record.gallery for trained, _ in models.values()]
    if all(biases):
        bare = {name: plain(require_galleried(told)) for name, (_, told) in models.items()}
        beside = judge(Ensemble.of(bare), options, protocol=protocol, device=where)
        said = "; ".join(f"run {n}: {in_words(b)}" for n, b in enumerate(biases, start=1) if b)
        report = Galleried.of(report, beside, said)
    names = [Path(name).resolve().name for name in models]
    return Several.of(report, each, names, _two_rules(biases))


def _two_rules(biases: Sequence[object]) -> list[str]:
    """A sentence where some models have the gallery's bias and others do not."""
    ways = {True: list[str](), False: list[str]()}
    for number, bias in enumerate(biases, start=1):
        ways[bool(bias)].append(f"run {number}")
    if not all(ways.values()):
        return []
    having, lacking = (" and ".join(ways[way]) for way in (True, False))
    return [
        f"scores of {having} hold the gallery's bias, those of {lacking} do not: the average is of "
        "two scoring rules; average runs of one rule for numbers to compare"
    ]
