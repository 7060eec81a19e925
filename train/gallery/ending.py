"""What the gallery's bias adds to a model once its last epoch is done: the bank and two numbers."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from train.checkpoint import Added, Complete
from train.gallery.bank import bank_of, embedded, require_galleried
from train.gallery.bias import in_words
from train.gallery.choice import Score, choose
from train.learner import under
from train.loop import Data
from train.plan import Plan
from train.task import Task


def ending(
    plan: Plan, task: Task[Any], data: Data, score: Score, say: Callable[[str], None]
) -> Complete | None:
    """What completes the model of ``plan``; None where its recipe has no bias.

    Raises:
        SettingError: the task's predictions know no bias of a gallery; before any step.
    """
    if not plan.outline.biased:
        return None
    examples = bank_of(plan, task, data.train)

    def complete(model: Mapping[str, Tensor]) -> Added:
        say("all epochs are done: the gallery's bias is chosen on validation")
        task.load_state_dict(under("task.", model))
        bank = embedded(task, examples)
        chosen = choose(bank, require_galleried(task.predict(data.val)), score)
        told = {
            "strength": chosen.strength,
            "inverse_temperature": chosen.beta,
            "pictures": len(bank.image),
            "captions": len(bank.caption),
            "validation": chosen.scores,
        }
        say(f"the gallery's bias, of {chosen.tried} tried: {in_words(told)}")
        return Added(bank.tensors(), told)

    return complete
