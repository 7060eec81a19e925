"""What a recipe, a run's folder or a question would be refused for, before there are features."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import isfinite

from core.errors import SettingError
from core.plugins import about, load
from core.positives import LEAST, read_positives
from core.several import in_one_form
from core.sources import TEXT
from evaluate import judge
from evaluate.measures import options_of
from extract.settings import LAYERS, FeatureSettings
from pipeline.asked.answers import require_writable
from pipeline.asked.sources import refuse_pixels
from pipeline.memory.known import Known
from pipeline.memory.outlines import outline_of
from pipeline.plots.events import require_tensorboard
from pipeline.stages.terms import Lesson, Question
from pipeline.typed.by_make import option, retyped
from train.identity import LostConfig, read_config, refuse_other
from train.layers import split
from train.record import CONFIG


def require_trainable(
    lesson: Lesson,
    features: Sequence[FeatureSettings],
    known: Known,
    *,
    texts: Callable[[], bool] = lambda: False,
) -> None:
    """Refuse what a training on such features would be refused for, whatever the pictures are.

    Args:
        lesson: what would be learnt; what is no sound run there is left to ``train``.
        features: how the features will be made, a cache each.
        known: what is known of recipes.
        texts: whether the corpus has vectors of texts; asked where the recipe reads such.

    Raises:
        SettingError: there is no such recipe or setting, or it reads another layer.
        RunError: its run was begun with other settings, or is no run's folder.
    """
    if lesson.tensorboard:
        require_tensorboard()
    outline = outline_of(lesson.recipe, lesson.assignments, known)
    layers = {layer for told in outline.sources.values() for layer in split(told)}
    refuse_pixels(layers)
    if TEXT in layers and not texts():
        raise SettingError(
            f"{lesson.recipe} reads vectors of captions too, which are a cache of their own: make "
            "the pictures' features alone, then type `features DATA --text ENCODER` and "
            f"`train PICTURECACHE TEXTCACHE --data DATA --recipe {lesson.recipe}`"
        )
    # What stage one does not make is no layer that it lacks.
    _require_layers(lesson.recipe, layers & set(LAYERS) or layers, features)
    run = lesson.run
    if run is None:
        return
    with suppress(LostConfig):  # training mends it
        there = read_config(run)["identity"] if (run / CONFIG).exists() else {}
        refuse_other(run, {**there, "settings": outline.settings, "seed": lesson.seed})


def _require_layers(recipe: str, layers: set[str], features: Sequence[FeatureSettings]) -> None:
    """Refuse features without a layer that ``recipe`` reads, and those of which it reads none."""
    made = {layer for each in features for layer in each.layers}
    idle = next((each for each in features if not layers & set(each.layers)), None)
    if not layers or (layers <= made and idle is None):
        return
    wanted, there = in_one_form(layers), in_one_form(made)
    these = "these features"
    kept = in_one_form(layers & made)
    fewer = retyped({"assignments": [f"task.layer={kept}"]})
    less = f", or let it read less: {fewer}" if kept else ""
    if idle and layers <= made:
        these, there = f"those of {idle.backbone}", idle.layer
    raise SettingError(
        f"{recipe} reads the layer {wanted!r}, and {these} would be of the layer {there!r}; give "
        f"{option('layer', wanted)}, or another recipe{less}"
    )


def require_answerable(question: Question) -> None:
    """Refuse a question that stage three does not know, or that it could not write down.

    Raises:
        SettingError: an unknown protocol or measure.
        RunError: its ``out`` cannot be written.
    """
    require_known(question)
    if question.protocol:
        with _named("protocol", question.protocol):
            load(judge.PACKAGE, question.protocol)
    if question.out:
        require_writable(question.out)


def require_known(question: Question) -> None:
    """Refuse a protocol, measures and their options that there are not; no protocol is loaded.

    Raises:
        SettingError: the first such, as it was typed; the nearest is named.
        InputError: a file of right answers cannot be read.
    """
    if question.protocol:
        with _named("protocol", question.protocol):
            about(judge.PACKAGE, question.protocol)
    _require_protocol(question, "folds", {"fold": question.fold})
    _require_protocol(
        question, "extended", {"positives": question.positives or None, "least": question.least}
    )
    _require_positives(question)
    if question.ties and question.protocol:
        _require_ties(question.protocol)
    for name in question.measures:
        with _named("measures", name):
            options_of(name, {})
    _ = question.set_options


def _require_positives(question: Question) -> None:
    """Refuse files of right answers that cannot be read, or one twice, and no score to go by."""
    least = question.least
    if least is not None and not isfinite(least):
        raise SettingError(f"{option('least', least)} is no score; give a number such as {LEAST}")
    if least is not None and not question.positives:
        raise SettingError(
            f"{option('least', least)} is of {option('positives', 'FILE')}; give both, or neither"
        )
    read_positives(question.positives, LEAST if least is None else least)
    digests = question.digests()
    if len(set(digests)) < len(digests):
        raise SettingError("a file of right answers is given twice; give it once")


def _require_ties(protocol: str) -> None:
    """Refuse to ask for other rules of ties where a protocol does not tell numbers by them."""
    if "ties" not in load(judge.PACKAGE, protocol).Options.model_fields:
        raise SettingError(
            f"--ties is no option of the protocol {protocol}, whose numbers are by one rule of "
            "ties; leave it out"
        )


def _require_protocol(question: Question, protocol: str, own: Mapping[str, object]) -> None:
    """Refuse options that are its own where another protocol is asked for."""
    for name, value in own.items():
        if value is not None and question.protocol != protocol:
            raise SettingError(
                f"--{name} is of the protocol {protocol}; ask for it with "
                f"{option('protocol', protocol)}, or leave it out"
            )


@contextmanager
def _named(name: str, value: str) -> Iterator[None]:
    """Say of an unknown name where it was typed."""
    try:
        yield
    except SettingError as error:
        raise SettingError(f"{option(name, value)}: {error}") from error
