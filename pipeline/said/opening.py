"""The first lines of each stage: what was found, what is made of it, and where it goes on from."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.records import ALL_SPLITS, Corpus
from core.wording import counted

if TYPE_CHECKING:
    from extract.backbone import Backbone
    from extract.settings import FeatureSettings
    from extract.stated import Stated
    from train.outline import Outline
    from train.plan import Plan
    from train.record import Record


VECTOR = "stored vector"


def thing(corpus: Corpus) -> str:
    """What its items are called: pictures, or vectors that are there already."""
    return VECTOR if corpus.stored else "picture"


def corpus_found(corpus: Corpus) -> str:
    """A corpus in numbers: pictures (or vectors), captions, labels, and pictures a split."""
    labels = {label for image in corpus.images for label in image.labels}
    told = [
        counted(len(corpus.images), thing(corpus)),
        counted(len(corpus.captions), "caption") if corpus.captions else "no captions",
        counted(len(labels), "label") if labels else "",
    ]
    return f"{corpus.name}: {', '.join(filter(None, told))} ({_splits(corpus)})"


def extraction(
    network: "Backbone | Stated", settings: "FeatureSettings", device: str, threads: int
) -> str:
    """What stage one computes, and on what."""
    crops = counted(settings.crops, "crop")
    kept = ", their mean" if settings.crops > 1 and settings.keep == "mean" else ""
    numbers = _shapes({layer: network.layers[layer] for layer in settings.layers})
    size = f"{network.transform.resize}:{network.transform.crop}"
    what = f"{network.name} with {network.weights}, {crops} of {size}{kept}"
    each = "picture" if kept or settings.crops == 1 else "crop"
    return f"{what}: {numbers} {settings.dtype} numbers a {each}; {on(device, threads)}"


def _shapes(layers: Mapping[str, tuple[int, ...]]) -> str:
    """How many numbers each layer has; which is which, where there are several."""
    told = {name: " x ".join(f"{size:,}" for size in shape) for name, shape in layers.items()}
    if len(told) > 1:
        told = {name: f"{shape} ({name})" for name, shape in told.items()}
    return " and ".join(told.values())


def cached(cache: Path, there: int, total: int, of: str = "picture") -> str:
    """Where stage one writes, and how many of the pictures, or what else it is of, are there."""
    if there == total:
        return f"{cache}: complete, {_are_there(there, of, 'all ')}"
    return f"{cache}: {f'{there:,} of {_are_there(total, of)}' if there else 'new'}"


def parts(plan: "Plan", words: int) -> str:
    """What stage two trains on, and what its epoch is chosen on, if any; no ``words`` is 0.

    Pictures that the features lack are not counted.
    """
    train, val = (
        f"{counted(len(part.images), thing(part))} with {counted(len(part.captions), 'caption')}"
        for part in plan.shown
    )
    known = f", {counted(words, 'word')}" if words else ""
    then = "chooses the epoch" if plan.outline.losses else "is judged"
    return f"{plan.parts[0].name}: trains on {train}{known}; {then} on {val}"


def training(recipe: str, plan: "Plan", phases: Mapping[int, str], computing: str) -> str:
    """What stage two does, and ``on`` what; ``phases`` by the number of their first epoch."""
    told = epochs_of(plan.outline)
    if len(phases) > 1:
        told += f" ({', '.join(f'{name} from {first} on' for first, name in phases.items())})"
    return f"{recipe}, seed {plan.seed}: {told}; {computing}"


def epochs_of(outline: "Outline") -> str:
    """How long a training is; one without a loss has no epochs."""
    return counted(outline.epochs, "epoch") if outline.losses else "solved in closed form"


def begun(run: Path, record: "Record | None", outline: "Outline") -> str:
    """Where stage two writes, and where it goes on from."""
    if record is None:
        return f"{run}: new"
    if record.done:
        return f"{run}: finished, {epochs_of(outline)}"
    if record.epoch == outline.epochs:
        left = "the gallery's bias" if outline.biased else "the last files"
        return f"{run}: {epochs_of(outline)} done, {left} left"
    step = f", step {record.step + 1:,}" if record.step else ""
    return f"{run}: going on at epoch {record.epoch + 1}{step}"


def asked(part: Corpus, facts: Mapping[str, Any]) -> str:
    """What stage three asks of whom, and on what; ``facts`` are those of a report."""
    pictures = counted(len(part.images), thing(part))
    captions = counted(len(part.captions), "caption")
    threads = facts["threads"]["evaluation"]
    epoch = f", epoch {facts['epoch']} of {facts['epochs']}," if facts["epochs"] else ""
    return (
        f"{facts['run']}{epoch} is asked about "
        f"{facts['split']} of {part.name}: {pictures}, {captions}; {on(facts['device'], threads)}"
    )


def on(device: str, threads: int, processes: int = 1) -> str:
    """What computes, and in how many processes."""
    if processes == 1:
        return f"on {device}, {counted(threads, 'thread')}"
    kind = device.partition(":")[0]
    return f"on {kind}, {processes} processes of {counted(threads, 'thread')}"


def _are_there(many: int, of: str, word: str = "") -> str:
    return f"{word}{counted(many, f'{of} is', f'{of}s are')} there"


def _splits(corpus: Corpus) -> str:
    """The splits in their usual order, then others by name."""
    sizes = Counter(image.split for image in corpus.images)
    usual = [name for name in ALL_SPLITS if name in sizes]
    others = sorted(sizes.keys() - set(usual))
    return ", ".join(f"{name} {sizes[name]:,}" for name in (*usual, *others))
