"""What the program was called as, for the lines that say what to type."""

import os

CALLED = "TENCROP_CALLED"
"""The environment variable in which `bin/tencrop` says the name that it was called by."""
USUAL = "python -m pipeline"


def called() -> str:
    """Such as ``tencrop``; by default ``python -m pipeline``."""
    return os.environ.get(CALLED) or USUAL
