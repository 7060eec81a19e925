"""What ranks send that is on a device stays there, and facts go by the CPU: no GPU is needed.

torch's device ``meta``, which has shapes and no numbers, stands for one; of it nothing can be mixed
with the CPU's.
"""

import pytest
import torch
import torch.distributed as dist
from torch import nn

from train.ranks.gathered import gathered
from train.ranks.norm import AcrossRanks
from train.ranks.several import Several
from train.ranks.wires import Apart, Wires

META = torch.device("meta")


class Work:
    """What has been sent, and how waiting for it ends."""

    def __init__(self, *errors):
        self.errors, self.waited = [*errors], []

    def wait(self, *limit):
        self.waited.append(limit)
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def sent(monkeypatch):
    """The devices of all that a rank of two sends; the other one sends the same."""
    devices = []

    def all_gather(every, own, async_op):
        devices.append(own.device.type)
        for room in every:
            assert room.device == own.device
            room.copy_(own)
        return Work()

    def all_reduce(total, async_op):
        devices.append(total.device.type)
        total.mul_(2)
        return Work()

    monkeypatch.setattr(dist, "all_gather", all_gather)
    monkeypatch.setattr(dist, "all_reduce", all_reduce)
    monkeypatch.setattr(dist, "get_rank", lambda: 0)
    monkeypatch.setattr(dist, "get_world_size", lambda: 2)
    return devices


def test_rows_are_gathered_where_they_are_and_their_widths_by_the_cpu(sent):
    own = {
        "image": torch.empty(3, 4, device=META, requires_grad=True),
        "image_id": torch.empty(3, dtype=torch.int64, device=META),
        "there": torch.empty(3, 5, dtype=torch.bool, device=META),
    }
    whole = gathered(own, Wires(), [3, 3])
    assert {name: value.device for name, value in whole.items()} == dict.fromkeys(own, META)
    assert [tuple(value.shape) for value in whole.values()] == [(6, 4), (6,), (6, 5)]
    assert [value.dtype for value in whole.values()] == [v.dtype for v in own.values()]
    assert sent == ["cpu", "meta", "meta", "meta"]


def test_gradients_and_statistics_are_summed_where_they_are(sent):
    norm = AcrossRanks(nn.BatchNorm1d(4, device=META), Wires())
    out = norm(torch.empty(6, 4, device=META, requires_grad=True))
    assert out.device == META
    out.sum().backward()
    assert set(sent) == {"meta"}


def test_a_step_of_all_weights_is_one_sum(sent, monkeypatch):
    # Which weights have a gradient is read from the sum, which meta cannot tell.
    monkeypatch.setattr(torch.Tensor, "tolist", lambda self: [2.0] * len(self))
    ranks, weights = Several(Wires()), [nn.Parameter(torch.empty(2, 3, device=META))]
    ranks.total(weights)
    assert weights[0].grad is not None
    assert weights[0].grad.device == META
    assert sent == ["meta"]


def wires(watch=lambda: None):
    made = object.__new__(Wires)
    made.watch = watch
    return made


def test_what_a_device_cannot_send_is_a_rank_that_is_gone():
    looked = []
    work = Work(RuntimeError("NCCL error: remote process exited\nand more"))
    with pytest.raises(Apart, match=r"\(NCCL error: remote process exited\); run the same command"):
        wires(lambda: looked.append(1))._wait(work, torch.empty(1, device=META))
    assert looked == [1]
    assert work.waited == [()]


def test_a_device_waits_without_a_limit_and_a_cpu_looks_up():
    work = Work()
    wires()._wait(work, torch.empty(1, device=META))
    assert work.waited == [()]
    slow, looked = Work(RuntimeError("Timed out waiting 500ms")), []
    wires(lambda: looked.append(1))._wait(slow, torch.empty(1))
    assert (len(slow.waited), looked) == (2, [1])
    assert all(limit for limit in slow.waited)
