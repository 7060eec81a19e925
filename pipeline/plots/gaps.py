"""The modality gap: cosines within each side, between them, and of what belongs together."""

import numpy as np

from core.predictions import Embeddings
from evaluate.modality import cosines, distance, own_cosines
from evaluate.scores.face import Floats
from pipeline.mapped.sampled import Sampled
from pipeline.plots.canvas import COLOURS
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

BARS = 60
CALLED = {
    "image": "two pictures",
    "caption": "two captions",
    "across": "a picture and another's caption",
    "own": "a picture and its own caption",
}
NOTE = (
    "How alike vectors are, as the cosine of their angle. Where two pictures, and two captions, "
    "are far more alike than a picture and a caption, each side keeps to a corner of the space: "
    "the modality gap. What belongs together should lie to the right of all else. The distance is "
    "that of both sides' means at unit length (Liang et al. 2022): 0 is no gap, 2 the widest."
)


def gaps(embeddings: Embeddings, sample: Sampled, more: str = "") -> Drawn:
    """A line for each kind of pairs that there are.

    The distance and the cosines of own pairs are of all images and captions, those of other pairs
    of the sample.

    Args:
        embeddings: with captions, at least one.
        sample: of them.
        more: is said below.
    """
    captions = embeddings.caption
    assert captions is not None
    apart = distance(embeddings.image.value, captions.value)
    there = {key: values for key, values in _kinds(embeddings, sample).items() if len(values)}
    edges = np.histogram_bin_edges(np.concatenate([*there.values()]), BARS)
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, key in enumerate(CALLED):
            if key in there:
                heights, _ = np.histogram(there[key], edges)
                height = 100 * heights / len(there[key])
                style = "-" if key != "own" else "--"
                axes.stairs(
                    height,
                    edges,
                    color=COLOURS[number],
                    linestyle=style,
                    linewidth=1.6,
                    label=CALLED[key],
                )
        axes.set_ylim(bottom=0)
        axes.set_xlabel("cosine")
        axes.set_ylabel("pairs, in percent")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        drawn.subplots_adjust(top=0.84)
        means = [f"{CALLED[key]} {values.mean():.3f}" for key, values in there.items()]
        alt = f"Histograms of cosines; their means: {', '.join(means)}. The gap is {apart:.3f}."
        return Drawn("gap", f"Modality gap: {apart:.3f}", alt, svg(drawn), MIME, NOTE + more)


def _kinds(embeddings: Embeddings, sample: Sampled) -> dict[str, Floats]:
    found = cosines(sample.image, sample.caption, sample.owner)
    kinds = {"image": found.image, "caption": found.caption, "across": found.across}
    captions, owner = embeddings.caption, embeddings.owner
    if captions is None or owner is None:
        return kinds
    return kinds | {"own": own_cosines(embeddings.image.value, captions.value, owner)}
