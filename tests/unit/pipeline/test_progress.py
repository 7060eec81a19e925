"""What a person sees of a training."""

import pytest

from pipeline.progress import TrainingBar, bar


def test_an_epoch_ends_with_its_mean_loss_and_its_validation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    drawn = TrainingBar(2)
    for epoch in (1, 2):
        for step, loss, mean in ((1, 1.0, 1.0), (2, 3.0, 2.0)):
            drawn(
                epoch,
                step,
                2,
                loss=epoch * loss,
                mean_loss=epoch * mean,
                examples_per_second=9.0,
                validation={},
            )
        drawn.validated(f"rsum {60.0 * epoch} (R@1 5.0 and 4.0)")
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch")]
    assert lines[-2:] == [
        "epoch 1/2: loss 2.00, validation rsum 60.0 (R@1 5.0 and 4.0)",
        "epoch 2/2: loss 4.00, validation rsum 120.0 (R@1 5.0 and 4.0)",
    ]


def test_a_bar_can_begin_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("features", 10, "picture") as reach:
        reach(4, 10)
        reach(10, 10)
    assert capsys.readouterr().out == ""
