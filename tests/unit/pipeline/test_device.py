"""Which device computes, and what is said of one that is not there."""

import pytest
import torch

from core.errors import SettingError
from pipeline.device import judging, resolve


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without an accelerator."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tpu", "unknown --device 'tpu': "),
        ("CPU", "did you mean 'cpu'?"),
        ("cpu:0", "did you mean 'cpu'"),
        ("cuda:", "did you mean 'cuda"),
        ("cuda:-1", "unknown --device"),
        ("", "unknown --device ''"),
        ("meta", "unknown --device"),
        ("mps", "--device mps: this torch computes on no Apple GPU"),
        ("cuda", "--device cuda: no CUDA device is here"),
        ("cuda:3", "--device cuda:3: no CUDA device is here"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_is_not_there_is_one_line_with_what_is(name: str, said: str) -> None:
    with pytest.raises(SettingError) as caught:
        resolve(name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("use --device auto or cpu")


@pytest.mark.usefixtures("bare")
def test_without_an_accelerator_auto_is_the_cpu() -> None:
    assert resolve("auto") == resolve("cpu") == torch.device("cpu")


def test_what_is_there_is_taken_and_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve("auto") == resolve("cuda") == torch.device("cuda")
    assert resolve("cuda:1") == torch.device("cuda:1")
    assert resolve("mps") == torch.device("mps")
    with pytest.raises(SettingError, match="the last CUDA device here is cuda:1") as caught:
        resolve("cuda:2")
    assert str(caught.value).endswith("use --device auto or cpu or cuda:0 or cuda:1 or mps")


def test_ranks_are_made_where_there_is_float64() -> None:
    assert judging(torch.device("mps")) == torch.device("cpu")
    assert judging(torch.device("cuda:1")) == torch.device("cuda:1")
