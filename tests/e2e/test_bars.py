"""Nobody looks at a still terminal: what takes long on a large corpus has a bar."""

import pytest

from pipeline.said.progress import Bar
from tests.e2e.conftest import Chain, Type


def test_pictures_that_are_hashed_have_a_bar(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all is done, which is found by reading each of them."""
    reached: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        Bar, "reach", lambda bar, done, total, note="": reached.append((bar.title, done, total))
    )
    words = ("--like", chain.run, "--work", chain.work)
    assert tencrop("features", chain.data, *words).code == 0
    hashed = [(done, total) for title, done, total in reached if title == "pictures"]
    assert hashed[0] == (0, 64)
    assert hashed[-1] == (64, 64)
