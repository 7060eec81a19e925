"""All that the next step follows from: weights, Adam's moments, the random generator."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class State:
    """The task, the losses' weights and their optimiser, as named tensors and back."""

    def __init__(self, task: nn.Module, losses: nn.ModuleList, *, lr: float):
        """Adam with its usual moments over every weight of the task and of the losses."""
        self.task, self.losses = task, losses
        self.device = next(task.parameters()).device
        weights = nn.ModuleList([task, losses]).parameters()
        self.weights = [weight for weight in weights if weight.requires_grad]
        fused = self.device.type in ("cpu", "cuda")
        self.optimiser = torch.optim.Adam(self.weights, lr=lr, fused=fused)

    def set_rate(self, rate: float) -> None:
        """The learning rate of the next steps."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def step(self, loss: Tensor, clip: float) -> tuple[float, float]:
        """Descend once, unless a number is not finite.

        Returns:
            The loss, and the global norm of its gradient before it was cut to ``clip``.
        """
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(self.weights, clip)
        value, length = torch.stack([loss.detach(), norm]).tolist()
        if torch.isfinite(torch.tensor([value, length])).all():
            self.optimiser.step()
        return value, length

    def tensors(self) -> dict[str, Tensor]:
        """Everything, on the CPU; ``task.`` begins the names of the task's own tensors."""
        named = {f"task.{name}": value for name, value in self.task.state_dict().items()}
        named |= {f"loss.{name}": value for name, value in self.losses.state_dict().items()}
        for index, moments in self.optimiser.state_dict()["state"].items():
            named |= {f"adam.{index}.{name}": value for name, value in moments.items()}
        named["random.cpu"] = torch.get_rng_state()
        if self.device.type == "cuda":
            named["random.cuda"] = torch.cuda.get_rng_state(self.device)
        return {name: value.detach().cpu().clone().contiguous() for name, value in named.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Become what ``tensors`` was taken from."""
        self.task.load_state_dict(under("task.", tensors))
        self.losses.load_state_dict(under("loss.", tensors))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in under("adam.", tensors).items():
            index, _, moment = name.partition(".")
            moments.setdefault(int(index), {})[moment] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": moments, "param_groups": groups})
        torch.set_rng_state(tensors["random.cpu"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["random.cuda"], self.device)


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
