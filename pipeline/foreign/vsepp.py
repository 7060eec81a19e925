"""VSE++'s checkpoint as a model of ours: which of its tensors is which, and what does not fit.

Its ``model`` is [image side, text side] (Faghri et al. 2018, section 3.1): ``fc``, one linear map
of the features; ``embed``, a vector a word; ``rnn``, a GRU whose last state is the sentence. Both
sides are scaled to unit length and compared by the inner product. Its encoder of precomputed
features takes them as they are, the one with a CNN inside scales them to unit length first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.foreign.reading import Foreign

if TYPE_CHECKING:
    from torch import Tensor

SIDES = {"model.0.": "image.", "model.1.": "text."}
OURS = {
    "image.fc.weight": "task.image.project.weight",
    "image.fc.bias": "task.image.project.bias",
    "text.embed.weight": "task.text.embedding.weight",
    **{
        f"text.rnn.{kind}_{way}_l0": f"task.text.gru.{kind}_{way}_l0"
        for kind in ("weight", "bias")
        for way in ("ih", "hh")
    },
}
CNN = "image.cnn."


@dataclass(frozen=True)
class Fitting:
    """The tensors by our names, and what of a recipe they need; or ``why`` they are no run.

    Attributes:
        tensors: ``task.*``.
        assignments: over the recipe ``vse++``.
        width: of the features that the image side takes.
        why: empty where all fits.
    """

    tensors: "Mapping[str, Tensor]"
    assignments: tuple[str, ...] = ()
    width: int = 0
    why: str = ""


def named(tensors: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """Each tensor by the name that VSE++ gives it, after its side: ``image.fc.weight``.

    Names are those of the checkpoint where it is none of VSE++'s; ``module.``, which several GPUs
    leave in front, is dropped.
    """
    found = {}
    for path, tensor in tensors.items():
        side = next((prefix for prefix in SIDES if path.startswith(prefix)), None)
        rest = path.removeprefix(side or "").removeprefix("module.")
        found[SIDES[side] + rest if side else path] = tensor
    return found


def fitting(foreign: Foreign) -> Fitting:
    """How the checkpoint is a run of task ``paired``, or why it is none."""
    found, options = named(foreign.tensors), dict(foreign.facts.get("opt") or {})
    cnn = any(name.startswith(CNN) for name in found)
    own = {name: tensor for name, tensor in found.items() if not name.startswith(CNN)}
    why = _other_parts(own) or _other_formula(options, cnn)
    if why:
        return Fitting({}, why=why)
    if foreign.words is None:
        return Fitting({}, why="its vocabulary is not given: --vocab vocab.pkl")
    (dim, width), (rows, word_dim) = (
        tuple(own[name].shape) for name in ("image.fc.weight", "text.embed.weight")
    )
    if rows != len(foreign.words):
        return Fitting(
            {}, why=f"it has vectors of {rows:,} words and the vocabulary {len(foreign.words):,}"
        )
    assignments = {
        "embed_dim": dim,
        "word_dim": word_dim,
        "min_count": foreign.words.min_count,
        "image.normalise": str(cnn).lower(),
        "epochs": max(1, epoch(foreign)),
        **({"margin": options["margin"]} if "margin" in options else {}),
        "negatives": "hardest" if options.get("max_violation", True) else "all",
    }
    stated = tuple(f"{key}={value}" for key, value in assignments.items())
    return Fitting({OURS[name]: own[name].float() for name in OURS}, stated, width)


def epoch(foreign: Foreign) -> int:
    """After how many epochs it was saved; 1 where it does not say."""
    told = foreign.facts.get("epoch")
    return told if isinstance(told, int) and told > 0 else 1


def _other_parts(own: "Mapping[str, Tensor]") -> str:
    lacks = sorted(OURS.keys() - own.keys())
    more = sorted(name for name in own.keys() - OURS.keys() if name.startswith(("image.", "text.")))
    if lacks:
        return f"it has no {lacks[0]}, which VSE++'s have"
    if more:
        return f"it has {more[0]}, which VSE++'s do not have"
    return ""


def _other_formula(options: Mapping[str, Any], cnn: bool) -> str:
    """What of VSE++'s options makes other scores than the inner product of unit vectors."""
    if options.get("measure", "cosine") != "cosine":
        return f"it compares by {options['measure']!r}, not by the cosine"
    for name, what in (
        ("use_abs", "absolute values"),
        ("no_imgnorm", "pictures that are not scaled to unit length"),
    ):
        if options.get(name):
            return f"it was trained with --{name}: {what}"
    if cnn and options.get("finetune"):
        return "its CNN was trained too, and the features of ours would be others"
    return ""
