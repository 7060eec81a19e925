"""What a frozen sentence encoder is: a function with a name and facts that make its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.sources import CAPTIONS, TEXT

Known = Callable[[Mapping[str, Any]], None]
"""Told facts of an encoder before any of its code is run; it may raise."""


@dataclass(frozen=True)
class TextEncoder:
    """A frozen sentence encoder.

    Attributes:
        name: for a person, and in the names of caches.
        spec: what to type for it from any folder.
        facts: JSON facts: all that makes a vector but the sentence and the name.
        encode: N sentences -> (N, D) float32; how they are grouped changes nothing but rounding.
        fault: an error that ``encode`` raised in words: of which file, in which line.
        libraries: name -> version of what computes.
    """

    name: str
    spec: str
    facts: Mapping[str, Any]
    encode: Callable[[list[str]], Any]
    fault: Callable[[Exception], str]
    libraries: Mapping[str, str] = field(default_factory=dict)

    def made_by(self, width: int, dtype: str) -> dict[str, Any]:
        """All that makes a row but the caption, as JSON: a cache's fields without ``corpus``."""
        return {
            **CAPTIONS,
            "encoder": self.name,
            **self.facts,
            "layers": {TEXT: [width]},
            "crops": 1,
            "keep": "mean",
            "dtype": dtype,
        }


def named(ids: Sequence[str]) -> str:
    """The captions that a message is about: how many, and the first.

    Example:
        >>> named(["a#0", "a#1"]), named(["a#0"])
        ("the captions 'a#0' and 1 more", "the caption 'a#0'")
    """
    more = f" and {len(ids) - 1:,} more" if len(ids) > 1 else ""
    return f"the caption{'s' if more else ''} {ids[0]!r}{more}"
