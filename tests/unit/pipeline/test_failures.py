"""How much may be skipped."""

import pytest

from core.errors import TooManyFailures
from pipeline.device import resolve
from pipeline.failures import listed, require, too_many


@pytest.mark.parametrize(("count", "total", "limit"), [(0, 0, 0.0), (1, 1000, 0.1), (0, 5, 0.0)])
def test_up_to_the_limit_is_accepted(count: int, total: int, limit: float) -> None:
    assert too_many(count, total, limit, "pictures") is None


def test_the_advice_of_the_error_is_enough() -> None:
    problem = too_many(3, 1000, 0.1, "pictures could not be read")
    assert problem is not None
    assert problem.exit_code == 2
    advised = float(str(problem).rsplit(" ", 1)[1])
    assert too_many(3, 1000, advised, "pictures could not be read") is None


def test_require_raises_only_a_problem() -> None:
    require(None)
    with pytest.raises(TooManyFailures):
        require(TooManyFailures("x"))


def test_the_first_few_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    listed("picture", "could not be read", [f"{n}.jpg: why" for n in range(8)])
    said = capsys.readouterr().err
    assert "8 pictures could not be read" in said
    assert "0.jpg" in said
    assert "and 3 more" in said
    listed("nothing", "is", [])
    assert capsys.readouterr().err == ""


def test_the_device_that_is_asked_for() -> None:
    assert resolve("cpu").type == "cpu"
    assert resolve("auto").type in ("cpu", "cuda")
