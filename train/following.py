"""The training of a rank that is not the first: it computes its shares, and writes nothing."""

from collections.abc import Mapping

import torch

from core.files import json_sha256
from core.predictions import Prediction
from train.building import build, seeded, threads
from train.guard import Guard
from train.how import How, common
from train.loop import fit
from train.plan import Plan
from train.ranks.processes import identity_of
from train.ranks.ranks import Ranks
from train.task import Modules


def follow(
    plan: Plan, *, device: torch.device, ranks: Ranks, modules: Modules | None = None
) -> None:
    """Compute what rank 0 needs of this rank until its training ends (``train.training.train``).

    Args:
        plan: what is trained, the same as rank 0's.
        device: where to compute.
        ranks: this rank's.
        modules: networks from outside, the same as rank 0's.

    Raises:
        RunError: rank 0 trains something else.
        NumberError: as in the training, which all leave by it.
    """
    many = ranks.agreed(json_sha256(identity_of(plan, modules)), 0)
    if not many:
        return
    how = common(ranks, How)
    with threads(many), how.within(), seeded(plan.seed, device):
        built = build(plan, modules or {}, device, ranks)
        fit(
            built.learner,
            built.data,
            clip=plan.recipe.clip,
            validate=_judged_by_the_first,
            progress=lambda *_, **__: None,
            checkpoints=None,
            guard=Guard(built.learner.losses, lambda note: None),
        )


def _judged_by_the_first(prediction: Prediction) -> Mapping[str, float]:
    raise AssertionError("rank 0 validates")
