"""What a run is: the facts that decide its weights, compared before anything is continued."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import json_sha256, read_json, remove_temporaries, write_json
from core.lock import exclusive
from core.records import Corpus
from core.store import FeatureCache
from core.text import Vocabulary
from train.checkpoint import FORMAT, LAST
from train.settings import TrainSettings

CONFIG, VOCABULARY = "config.json", "vocab.json"
_FREE = ("format", "about", "facts")
"""The keys of config.json that may differ between a run and its continuation."""


def describe(
    settings: TrainSettings,
    *,
    seed: int,
    shape: tuple[int, ...],
    corpus: Corpus,
    cache: FeatureCache,
) -> dict[str, Any]:
    """Everything that the weights follow from, as JSON values."""
    return {
        "settings": settings.model_dump(mode="json", exclude={"about"}),
        "seed": seed,
        "cache_key": cache.key,
        "feature_shape": list(shape),
        "corpus_sha256": corpus_sha256(corpus),
    }


def corpus_sha256(corpus: Corpus) -> str:
    """The digest of ids, splits, sentences and owners."""
    images = [[image.id, image.split] for image in corpus.images]
    captions = [[caption.id, caption.text] for caption in corpus.captions]
    return json_sha256([images, captions, corpus.owner.tolist()])


@contextmanager
def open_run(
    path: Path, config: Mapping[str, Any], *, about: str, facts: Mapping[str, Any]
) -> Iterator[None]:
    """Hold ``path`` for writing, as a new run or to go on with the same one.

    Raises:
        RunError: there is a run of another configuration; the first differing keys are named.
        BusyError: another process is writing this run.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file; choose another --run")
    with exclusive(path):
        remove_temporaries(path)
        if (path / CONFIG).exists() or (path / LAST).exists():
            _refuse_other(path, config)
        whole = {"format": FORMAT, "about": about, "facts": dict(facts), **config}
        write_json(path / CONFIG, whole)
        yield


def read_config(path: Path) -> dict[str, Any]:
    """The ``config.json`` of the run in ``path``.

    Raises:
        RunError: missing, damaged, or of another format.
    """
    file = path / CONFIG
    if not file.is_file():
        raise RunError(f"{path} is not a run (no {CONFIG}); make one with `train`, in a new folder")
    try:
        config = dict(read_json(file))
    except (ValueError, TypeError) as error:
        raise RunError(
            f"{file} is damaged ({error}); delete {path} and run `train` again"
        ) from error
    if config.get("format") != FORMAT:
        raise RunError(f"{path} has format {config.get('format')!r}, not {FORMAT!r}; train again")
    return config


def config_sha256(config: Mapping[str, Any]) -> str:
    """The digest of the part of ``config.json`` that ``describe`` gave."""
    return json_sha256(_compared(config))


def write_vocabulary(path: Path, words: Vocabulary) -> None:
    """Write ``vocab.json`` into the run in ``path``."""
    write_json(path / VOCABULARY, words.to_json())


def read_vocabulary(path: Path, digest: str) -> Vocabulary:
    """The words of the run in ``path``.

    Raises:
        RunError: missing, damaged, or not the words that the run was trained with.
    """
    file = path / VOCABULARY
    try:
        words = Vocabulary.from_json(read_json(file))
    except (OSError, ValueError) as error:
        raise RunError(
            f"{file} cannot be read ({error}); delete {path} and run `train` again"
        ) from error
    if words.digest != digest:
        raise RunError(f"{file} is of another run; delete {path} and run `train` again")
    return words


def _compared(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in _FREE}


def _refuse_other(path: Path, config: Mapping[str, Any]) -> None:
    there, now = dict(_flat(_compared(read_config(path)))), dict(_flat(config))
    differing = [key for key in sorted(there | now) if there.get(key) != now.get(key)]
    if differing:
        listed = ", ".join(f"{k} = {there.get(k)} (now {now.get(k)})" for k in differing[:3])
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise RunError(
            f"{path} was made with {listed}{more}; choose another --run, or delete this one"
        )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield (prefix + key).removeprefix("settings."), value
