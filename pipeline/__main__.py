"""``python -m pipeline``."""

import os

# Read once, when torch is imported. Idle OpenMP threads that spin make a step many times as slow
# as soon as anything else wants the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from pipeline.cli import main

if __name__ == "__main__":
    main()
