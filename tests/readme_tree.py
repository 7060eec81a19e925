"""The README's tree, from the first line of every docstring: ``python -m tests.readme_tree``."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmarks", "core", "evaluate", "extract", "pipeline", "train")
HEADING, FENCE = "## The tree\n\n```\n", "\n```"
COLUMN, WIDTH = 30, 88
ASIDE = re.compile(r" \([A-Z]\w[^()]*\)")
"""Who is cited, as a rule: a mark inside of it ends no sentence."""
BEFORE = {
    "Makefile": "the targets; `make` lists them",
    "bin/tencrop": "`python -m pipeline` of this checkout, from any folder",
    "requirements.txt": "what runs; requirements-dev.txt: what checks",
}
TESTS = "unit (by room), contract (every plug-in), oracle (known answers), e2e, faults"


def tree() -> str:
    """The lines between the fences."""
    docs = ", ".join(sorted(file.name for file in (ROOT / "docs").glob("*.md")))
    packages = (line for name in PACKAGES for line in _folder(ROOT / name, 0))
    before = (_line(name, told, 0) for name, told in BEFORE.items())
    return "\n".join([*before, *packages, _line("tests/", TESTS, 0), _line("docs/", docs, 0)])


def split(readme: str) -> tuple[str, str, str]:
    """``readme`` before the tree, the tree, and what follows."""
    before, heading, rest = readme.partition(HEADING)
    there, fence, after = rest.partition(FENCE)
    if not fence:
        raise SystemExit(f"README.md has no {HEADING.splitlines()[0]!r} with a fenced block")
    return before + heading, there, fence + after


def _folder(folder: Path, depth: int) -> Iterator[str]:
    yield _line(f"{folder.name}/", _summary(folder / "__init__.py"), depth)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and any(path.glob("*.py")):
            yield from _folder(path, depth + 1)
        elif path.suffix in (".py", ".toml") and path.name != "__init__.py":
            yield _line(path.name, _summary(path), depth + 1)


def _line(name: str, told: str, depth: int) -> str:
    return f"{'  ' * depth + name:{COLUMN - 1}} {told}"


def _summary(file: Path) -> str:
    """What a file says of itself; an aside, a list or a second clause only where it fits."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        told = str(tomllib.loads(text)["about"])
    else:
        docstring = ast.get_docstring(ast.parse(text))
        if not docstring:
            raise SystemExit(f"{file.relative_to(ROOT)} has no docstring; say there what it is for")
        told = docstring.splitlines()[0].replace("``", "`").removesuffix(".")
    return _shortened(told)


def _shortened(told: str) -> str:
    told = ASIDE.sub("", told) if len(told) > WIDTH else told
    for mark in (r"(?<! al)\. ", "; ", ": ", ", "):
        while len(told) > WIDTH and (found := re.match(f"(.*){mark}", told)):
            told = found[1]
    return told


def main() -> None:
    """Write the tree into the README."""
    file = ROOT / "README.md"
    before, there, after = split(file.read_text(encoding="utf-8"))
    if there != tree():
        file.write_text(before + tree() + after, encoding="utf-8")
        sys.stdout.write("README.md: the tree is written anew\n")


if __name__ == "__main__":
    main()
