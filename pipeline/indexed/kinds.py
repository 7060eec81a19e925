"""Kinds of indexes: which there are, which one fits so many vectors, and how large it is then."""

import os
from dataclasses import dataclass
from math import isqrt
from typing import Literal, get_args

from core.errors import InputError, SettingError

Kind = Literal["flat", "hnsw", "ivf", "ivfpq"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FEW = 10_000
"""Below so many vectors nothing is gained by an index, and codes cannot be learnt."""
LINKS = 32
"""Of a vector in the graph of ``hnsw`` (M of Malkov and Yashunin 2018); at its foot twice."""
CELL = 39
"""So many vectors at least are needed to place the middle of a cell."""
FOLLOWED = 64
"""Neighbours that a query of ``hnsw`` follows at least: all candidates are among them."""
PART = 8
"""So many numbers share a byte of the codes of ``ivfpq``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An index of ``vectors`` vectors, ``width`` numbers each, a multiple of ``PART``."""

    kind: Kind
    vectors: int
    width: int

    @property
    def cells(self) -> int:
        """Of ``ivf`` and ``ivfpq``: four times the root of the vectors, where they suffice."""
        return max(1, min(4 * isqrt(self.vectors), self.vectors // CELL))

    @property
    def each(self) -> int:
        """About how many bytes a vector takes."""
        graph = 4 * (2 * LINKS + 2) + self.width
        coded = self.width // PART + 8
        return {"flat": 4 * self.width, "hnsw": graph, "ivf": self.width + 8, "ivfpq": coded}[
            self.kind
        ]

    @property
    def efforts(self) -> tuple[int, ...]:
        """What a query may look at: neighbours that are followed, or cells; the least first."""
        first, last = (FOLLOWED, 1024) if self.kind == "hnsw" else (1, max(1, self.cells // 2))
        steps = tuple(first << step for step in range(20) if first << step <= last)
        return (1,) if self.kind == "flat" else steps

    def require_possible(self, effort: int) -> None:
        """Refuse an effort that this kind does not have.

        Raises:
            SettingError: it is too small or too large; or the index looks at each vector.
        """
        if self.kind == "flat":
            raise SettingError(
                "an index of --kind flat looks at each vector; leave --effort out, or take "
                "--kind hnsw or ivf"
            )
        hnsw = FOLLOWED, max(FOLLOWED, self.vectors)
        least, most = hnsw if self.kind == "hnsw" else (1, self.cells)
        if not least <= effort <= most:
            raise SettingError(
                f"--effort {effort:,} is not possible for --kind {self.kind} of {self.vectors:,} "
                f"vectors; give one from {least:,} to {most:,}, or leave it out"
            )

    @property
    def candidates(self) -> tuple[int, ...]:
        """So many a result may be looked at again, exactly: the coarser a code is, the more."""
        return {"flat": (1,), "hnsw": (4,), "ivf": (4,), "ivfpq": (4, 10, 40, 100)}[self.kind]


def plan(kind: str, vectors: int, width: int, memory: int | None = None) -> Plan:
    """An index of this kind; ``auto`` is the fastest of those that half of the memory holds.

    Args:
        kind: one of ``KINDS``, or ``auto``.
        vectors: how many.
        width: numbers each; room is made to a multiple of ``PART``.
        memory: bytes that are free; those of this machine, unless given.

    Raises:
        InputError: there are too few vectors for this kind.
    """
    wide = -(-width // PART) * PART
    if kind == "auto" and vectors < FEW:
        return Plan("flat", vectors, wide)
    if kind == "auto":
        free = _free() if memory is None else memory
        fit = [Plan(each, vectors, wide) for each in KINDS[1:]]
        small = [each for each in fit if each.each * vectors <= free // 2]
        return (small or fit[-1:])[0]
    chosen = next(each for each in KINDS if each == kind)
    if chosen == "ivfpq" and vectors < FEW:
        raise InputError(
            f"codes of --kind ivfpq are learnt from {FEW:,} vectors or more, and there are "
            f"{vectors:,}; take --kind flat"
        )
    return Plan(chosen, vectors, wide)


def _free() -> int:
    """Bytes of memory that are free; where the system does not say (macOS), half of all."""
    name = "SC_AVPHYS_PAGES" if "SC_AVPHYS_PAGES" in os.sysconf_names else "SC_PHYS_PAGES"
    pages = os.sysconf(name) if name == "SC_AVPHYS_PAGES" else os.sysconf(name) // 2
    return pages * os.sysconf("SC_PAGE_SIZE")
