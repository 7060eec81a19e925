"""The comparison of intervals: both sides give the same ends, and who errs is not timed."""

import numpy as np
import pytest

from benchmarks import intervals


def test_a_row_is_of_what_both_sides_agree_on(monkeypatch: pytest.MonkeyPatch) -> None:
    row = intervals.measure(15, 80, rounds=1)
    assert (row["images"], row["captions"], row["resamples"]) == (15, 75, 80)
    assert row["ratio"]["median"] > 0
    ends = intervals.plain(intervals.asked(15), 80)
    assert len(ends) == 10
    assert np.ptp(ends, axis=1).min() > 0
    monkeypatch.setattr(intervals, "plain", lambda *_: [(low, high + 1) for low, high in ends])
    with pytest.raises(SystemExit, match="differ from the plain reference"):
        intervals.measure(15, 80, rounds=1)
