"""The C library's allocator, told to keep what is freed for what is asked for next."""

import ctypes
import os

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3  # of malloc.h
KEPT = ((MMAP_THRESHOLD, 2**30), (TRIM_THRESHOLD, 2**30), (TOP_PAD, 2**26))
"""Blocks of up to 1 GiB come from the heap, of which as much may stay free; it grows by 64 MiB."""
CHOSEN = ("GLIBC_TUNABLES", "MALLOC_")


def keep_freed_memory() -> bool:
    """Make glibc keep large blocks that are freed, where it is the C library.

    Otherwise each large tensor is asked of the system, which gives it page by page, zeroed, at its
    first use, and takes it back at its end. What was set in the environment stays as it was set.

    Returns:
        Whether it was told so.
    """
    if any(name.startswith(CHOSEN) for name in os.environ) or not _is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(name, value) == 1 for name, value in KEPT)


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError):  # another system, or another C library
        return False
