"""Which browser there is: ``python -m tests.browser.at_hand`` prints where, or what to install."""

import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
LACKING = (
    f"no browser is at hand (looked for {', '.join(NAMES)}): nothing was tested in one; install "
    "Chromium, as with `apt-get install chromium`, and type make browser"
)


def browser() -> str | None:
    """Where the first of ``NAMES`` is that the PATH has."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """Print it, or say on stderr that there is none, and end with 1."""
    found = browser()
    if found is None:
        sys.exit(LACKING)
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main()
