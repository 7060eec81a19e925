"""The words of ARGS for the Makefile's shell: quotes group them, and nothing in them is run.

``python -m pipeline.typed.shell_words NAME`` prints the words of the environment variable NAME,
quoted so that ``eval "set -- ..."`` gives each as it is.
"""

import os
import shlex
import sys


def quoted(text: str) -> str:
    """The words of ``text``, which may be quoted as in a shell, quoted anew.

    Raises:
        ValueError: a quotation is not closed.

    Example:
        >>> quoted('--set about="a b; c" $(x)')
        "--set 'about=a b; c' '$(x)'"
    """
    return shlex.join(shlex.split(text))


def main(name: str) -> None:
    """Print the words of the environment variable ``name``; exit code 1 if they are not closed."""
    try:
        sys.stdout.write(quoted(os.environ.get(name, "")) + "\n")
    except ValueError as error:
        reason = str(error).lower()
        sys.exit(f"error: {name} = {os.environ[name]!r}: {reason}; close the quotation")


if __name__ == "__main__":
    main(sys.argv[1])
