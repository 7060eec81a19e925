"""The joint space from above: the plane of its principal components."""

from evaluate.principal import principal
from pipeline.mapped.sampled import Sampled
from pipeline.plots.drawn import Drawn
from pipeline.plots.plane import coloured, plane
from pipeline.plots.svg import MIME

NOTE = (
    "The two directions in which these vectors differ most (PCA). Clouds side by side are a "
    "modality gap: pictures lie among pictures, captions among captions. With a small share of the "
    "variance the plane shows little of the space: what lies together here may be far apart."
)


def projected(sample: Sampled, more: str = "") -> Drawn:
    """Of at least two vectors; ``more`` is said below."""
    places, shares = principal(sample.both.astype("float64"))
    first, second = (f"{100 * share:.1f} %" for share in shares)
    told = f"first component, {first} of variance", f"second component, {second}"
    many = f"{len(sample.image):,} pictures" + (
        f" and {len(sample.caption):,} captions" if len(sample.caption) else ""
    )
    alt = (
        f"{many} projected onto their two principal components, which explain {first} and {second} "
        "of their variance."
    )
    note = f"{many}, drawn at random. {NOTE}{coloured(sample)}{more}"
    return Drawn(
        "pca", "Projection: principal components", alt, plane(sample, places, told), MIME, note
    )
