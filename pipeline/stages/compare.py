"""Stage three for several runs, each against each: which differences are real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import W_OK, access
from pathlib import Path
from typing import Any

from core.errors import SettingError
from core.files import plain_name
from core.records import Corpus
from pipeline.asked.together import caches_of, refuse_idle, require_different
from pipeline.compared.alike import require_alike
from pipeline.compared.asked import Asked, is_answer, read_answer, require_answers
from pipeline.compared.called import labels
from pipeline.compared.groups import grouped, rows_of
from pipeline.compared.kept import comparison, keep, refuse_strangers
from pipeline.compared.page import page
from pipeline.compared.pairs import pairs_of
from pipeline.compared.settings import differing
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.refusals.askable import require_known
from pipeline.said.progress import say
from pipeline.shown.comparison.given import Compared
from pipeline.shown.comparison.written import keep_page, refuse_another
from pipeline.stages.evaluate import evaluate
from pipeline.stages.terms import CorpusAt, Question, Terms
from train.identity import read_settings
from train.opened import Opened
from train.schema import APART


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page for a person, and all numbers as JSON values."""

    text: str
    told: Mapping[str, Any]


def compare(
    given: Sequence[Path],
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
) -> Comparison:
    """Ask each run as ``evaluate`` does, where its report does not answer, and test each pair.

    Each of ``given`` is a run, or a folder that keeps an answer (``evaluate RUN RUN2 --out DIR``).
    ``comparison.json`` and its page are written into ``question.out``, if there is one, and so are
    the reports of runs that cannot be written.

    Raises:
        SettingError: there is but one.
        RunError: two are one model, or were asked different things; a run is none.
        InputError: there is nothing to compare query by query.
    """
    if len(given) < 2:
        raise SettingError("one alone is compared with nothing; name another RUN beside it")
    require_known(question)
    refuse_strangers(question.out)
    refuse_another(question.out)
    asked, corpus = _asked(given, question, terms, data, caches)
    require_alike(asked)
    groups = grouped(asked)
    rows, settings = rows_of(groups), differing(groups)
    pairs, called = pairs_of(rows), labels(groups)
    told = comparison(groups, rows, pairs, settings, called)
    if question.out:
        say(f"written: {keep(question.out, told)}")
        keep_page(question.out, told, Compared(groups, rows, pairs, settings, called, corpus))
    return Comparison(page(groups, rows, pairs, settings, called), told)


def _asked(
    given: Sequence[Path],
    question: Question,
    terms: Terms,
    data: CorpusAt | None,
    caches: Sequence[Path],
) -> tuple[list[Asked], Corpus | None]:
    """The answers, and the corpus that runs were asked about.

    What is refused by what is there already is refused before a run is asked anything.
    """
    once = Once(terms.work)
    machine(terms.device, once.known)  # is kept only where it is asked before torch is there
    answers = {path: read_answer(path, str(path)) for path in given if is_answer(path)}
    for answer in answers.values():
        require_answers(answer, question)
    opened = [once.opened(path) for path in given if path not in answers]
    require_different(opened)
    views = [once.cache(path) for path in caches]
    refuse_idle(opened, views)
    corpus = None
    for run in opened:
        path = run.run
        own = [cache.path for cache in caches_of(run, views)]
        here = replace(question, out=_out(path, question.out), page=False)
        made = evaluate(path, here, terms=terms, data=data, caches=own, once=once)
        corpus = made.given.corpus or corpus
        known = read_answer(made.folder, path.resolve().name, _identity(run, once))
        answers[path] = replace(known, record=run.record)
    return [answers[path] for path in given], corpus


def _out(run: Path, out: Path | None) -> Path | None:
    """Where the report of a run is kept that cannot be written; None: in the run."""
    return out / plain_name(run.resolve().name) if out and not access(run, W_OK) else None


def _identity(opened: Opened, once: Once) -> dict[str, Any]:
    """That of the run; an option that is newer than it counts with its default."""
    identity = opened.config["identity"]
    stored = identity["settings"]

    def read() -> dict[str, Any]:
        recipe = read_settings(opened.run, stored)
        return {"settings": recipe.model_dump(mode="json", exclude=set(APART))}

    asked = {"about": "settings of a run as they are read now", "settings": stored}
    return {**identity, **once.known.fact(asked, read)}
