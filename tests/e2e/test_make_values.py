"""What is typed behind `make` reaches the commands as it was typed, and all of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = f"""#!{sys.executable}
import json, os, runpy, sys
sys.path.insert(0, {str(ROOT)!r})
words = sys.argv[1:]
if words[:2] == ["-m", "pipeline.shell_words"]:
    sys.argv[1:] = words[2:]
    runpy.run_module("pipeline.shell_words", run_name="__main__")
else:
    with open("typed.jsonl", "a") as file:
        file.write(json.dumps(words[2:]) + "\\n")
    fail = os.environ.get("FAIL") == words[2]
    print("said on the way" if fail else "one line\\n" + words[2] + " result")
    sys.exit(2 if fail else 0)
"""
HOSTILE = [
    "my photos",
    "it's",
    'say "cheese"',
    "cost$5 $(touch evil) ${HOME} $$ $",
    "`touch evil`",
    "a;touch evil",
    "a&touch evil&&touch evil|touch evil",
    "two\nlines",
    "hash # sign",
    "100% %.o",
    "C:photos=x:=y",
    "back\\slash\\",
    "tab\there",
    "*?[a]~",
    "(a,b) {c}",
    "--set",
    "Фото/写真/📷 e\u0301",
    "$(shell touch evil)",
    "$(error evil)",
    "!history",
]
MAKING = {
    "FORMAT": ("--format", "folder"),
    "BACKBONE": ("--backbone", "vgg19"),
    "WEIGHTS": ("--weights", "my weights.pth"),
    "TRANSFORM": ("--transform", "232:224"),
    "CROPS": ("--crops", "1"),
    "KEEP": ("--keep", "all"),
    "LAYER": ("--layer", "grid"),
    "DTYPE": ("--dtype", "float16"),
    "BATCH": ("--batch-size", "3"),
}
TRAINING = {
    "RECIPE": ("--recipe", "my own.toml"),
    "SEED": ("--seed", "7"),
    "SAVE_EVERY": ("--save-every", "5"),
}
SHARED = {
    "MAX_ERRORS": ("--max-errors", "3%"),
    "DEVICE": ("--device", "cpu"),
    "WORK": ("--work", "my work"),
}


class Made(NamedTuple):
    code: int
    typed: list[list[str]]
    said: str

    def of(self, command: str) -> list[str]:
        """The words of the one call of this command."""
        (words,) = [words for words in self.typed if words[0] == command]
        return words


class Folder:
    """A checkout's Makefile, with a Python that writes down what it is asked."""

    def __init__(self, path: Path):
        self.path = path
        (path / ".venv").mkdir()
        (path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
        (path / "requirements.txt").touch()
        (path / ".venv" / "runtime").touch()
        (path / "pipeline").symlink_to(ROOT / "pipeline")
        (path / "core").symlink_to(ROOT / "core")
        fake = path / "python"
        fake.write_text(PYTHON)
        fake.chmod(0o755)

    def make(self, *words: str, **environment: str) -> Made:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        log = self.path / "typed.jsonl"
        log.unlink(missing_ok=True)
        done = subprocess.run(
            ["make", "-s", "PYTHON=./python", *words],
            cwd=self.path,
            env=clean | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = log.read_text().splitlines() if log.exists() else []
        assert not (self.path / "evil").exists()
        return Made(
            done.returncode, [json.loads(line) for line in lines], done.stdout + done.stderr
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def has(words: list[str], *pair: str) -> bool:
    return any(tuple(words[n : n + len(pair)]) == pair for n in range(len(words)))


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_of_data_arrives_as_it_is(folder: Folder, name: str) -> None:
    for made in (folder.make("eval", f"DATA={name}"), folder.make("eval", DATA=name)):
        assert made.code == 0, made.said
        assert made.of("features")[-2:] == ["--", name]
        assert has(made.of("train"), "--data", name)
        assert [words[0] for words in made.typed] == ["features", "train", "evaluate"]


@pytest.mark.parametrize("name", HOSTILE)
def test_so_do_the_other_values(folder: Folder, name: str) -> None:
    words = [f"{variable}={name}" for variable in ("WEIGHTS", "RECIPE", "RUN", "SPLIT", "OUT")]
    made = folder.make("eval", "DATA=photos", *words)
    assert made.code == 0, made.said
    assert has(made.of("features"), "--weights", name)
    assert has(made.of("features"), "--need", name)
    assert has(made.of("train"), "--recipe", name)
    assert has(made.of("train"), "--run", name)
    assert has(made.of("evaluate"), "--split", name)
    assert has(made.of("evaluate"), "--out", name)
    assert made.of("evaluate")[-2:] == ["--", name]


def test_every_variable_reaches_every_stage_that_uses_it(folder: Folder) -> None:
    given = {name: pair[1] for name, pair in (MAKING | TRAINING | SHARED).items()}
    typed = [f"{name}={value}" for name, value in given.items()]
    for made in (folder.make("eval", "DATA=d", *typed), folder.make("eval", DATA="d", **given)):
        for command, known in (
            ("features", MAKING | SHARED),
            ("train", {"FORMAT": MAKING["FORMAT"]} | TRAINING | SHARED),
            ("evaluate", SHARED),
        ):
            assert all(has(made.of(command), *pair) for pair in known.values())
    for pair in (MAKING | SHARED).values():
        assert has(folder.make("features", "DATA=d", *typed).of("features"), *pair)
    for pair in (TRAINING | SHARED).values():
        assert has(folder.make("train", "DATA=d", *typed).of("train"), *pair)


def test_what_is_not_given_is_left_to_the_commands(folder: Folder) -> None:
    said = [word for words in folder.make("eval", "DATA=d").typed for word in words]
    unset = {"--max-errors", "--work", "--batch-size", "--transform", "--save-every", "--out"}
    assert not unset & set(said)
    assert "--run" not in said


def test_args_are_words_with_quotes_and_nothing_in_them_is_run(folder: Folder) -> None:
    args = (
        "--set a=1  --set 'about=it is; $(touch evil) `touch evil`' --set rates=image.* \"$HOME\""
    )
    words = ["--set", "a=1", "--set", "about=it is; $(touch evil) `touch evil`"]
    words += ["--set", "rates=image.*", "$HOME"]
    for target, command in (("features", "features"), ("train", "train"), ("eval", "train")):
        made = folder.make(target, "DATA=d", f"ARGS={args}")
        assert made.code == 0, made.said
        assert has(made.of(command), *words, "--")
    assert not has(made.of("features"), "--set")
    made = folder.make("train", "DATA=d", "ARGS=--set 'a=1")
    assert (made.code, made.typed) == (2, [])
    assert 'error: ARGS = "--set \'a=1": no closing quotation; close the quotation' in made.said


def test_results_are_handed_on_by_their_last_line(folder: Folder) -> None:
    made = folder.make("eval", "DATA=d")
    assert made.of("train")[-2:] == ["--", "features result"]
    assert made.of("evaluate")[-2:] == ["--", "train result"]


@pytest.mark.parametrize(("stage", "ran"), [("features", 1), ("train", 2), ("evaluate", 3)])
def test_a_stage_that_fails_ends_the_chain(folder: Folder, stage: str, ran: int) -> None:
    made = folder.make("eval", "DATA=d", FAIL=stage)
    assert made.code == 2
    assert len(made.typed) == ran


def test_a_run_alone_is_asked_as_it_is(folder: Folder) -> None:
    asking = ("SPLIT=val", "DEVICE=cpu", "OUT=o", "MAX_ERRORS=2", "WORK=w")
    for words in ((), asking):
        made = folder.make("eval", "RUN=my run", *words)
        assert [words[0] for words in made.typed] == ["evaluate"]
        assert made.of("evaluate")[-2:] == ["--", "my run"]
        assert "--data" not in made.of("evaluate")
    assert has(made.of("evaluate"), "--split", "val")


@pytest.mark.parametrize("name", ["DATA", "ARGS", *MAKING, *TRAINING])
def test_a_run_is_trained_where_anything_that_makes_it_is_given(folder: Folder, name: str) -> None:
    (folder.path / "r").mkdir()
    (folder.path / "r" / "model.safetensors").touch()
    value = (MAKING | TRAINING).get(name, ("", "a"))[1]
    for made in (
        folder.make("eval", "RUN=r", f"{name}={value}"),
        folder.make("eval", "RUN=r", **{name: value}),
    ):
        ran = [words[0] for words in made.typed if words[0] != "scenes"]
        assert ran == ["features", "train", "evaluate"]
        assert has(made.of("features"), "--into", "r")
        assert has(made.of("train"), "--run", "r")
        assert made.of("evaluate")[-2:] == ["--", "r"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("BACKBON=vgg19", "BACKBONE"),
        ("CROP=1", "CROPS"),
        ("seed=3", "SEED"),
        ("data=photos", "DATA"),
        ("MAX_ERROR=1", "MAX_ERRORS"),
        ("a'b=1", None),
        ("zzz=1", None),
    ],
)
@pytest.mark.parametrize("target", ["help", "eval"])
def test_an_unknown_variable_is_refused(
    folder: Folder, target: str, typed: str, meant: str | None
) -> None:
    made = folder.make(target, typed)
    assert (made.code, made.typed) == (2, [])
    hint = f"did you mean '{meant}'? " if meant else ""
    assert f"no variable {typed.partition('=')[0]}: {hint}accepted: ARGS, " in made.said
    assert made.said.count("\n") == 1


def test_what_make_itself_takes_is_known(folder: Folder) -> None:
    assert folder.make("features", "DATA=d", "SHELL=/bin/sh", "HOST=python3").code == 0


def test_without_a_python_the_names_are_listed_still(folder: Folder) -> None:
    assert (
        "no variable CROP: accepted: DATA FORMAT" in folder.make("eval", "CROP=1", "HOST=gone").said
    )


def test_parallel_and_dry(folder: Folder) -> None:
    made = folder.make("-j2", "features", "train", "DATA=d")
    assert [words[0] for words in made.typed] == ["features", "features", "train"]
    dry = folder.make("-n", "eval", "DATA=my photos")
    assert (dry.code, dry.typed) == (0, [])
    assert '-- "$DATA"' in dry.said


def test_the_scenes_are_drawn_only_when_they_are_asked_for(folder: Folder) -> None:
    assert [words[0] for words in folder.make("features").typed] == ["scenes", "features"]
    (folder.path / "work" / "scenes").mkdir(parents=True)
    (folder.path / "work" / "scenes" / "scenes.json").touch()
    assert [words[0] for words in folder.make("features").typed] == ["features"]
    again = folder.make("features", "SCENES=--train 3 --seed 2")
    assert again.of("scenes") == ["scenes", "work/scenes", "--train", "3", "--seed", "2"]
    assert [words[0] for words in folder.make("features", "DATA=x work/scenes").typed] == [
        "features"
    ]


@pytest.mark.parametrize(
    ("typed", "said"), [("DATA=", "DATA is empty"), ("WORK=a\nb", "line break")]
)
def test_values_that_cannot_be(folder: Folder, typed: str, said: str) -> None:
    made = folder.make("eval", typed)
    assert (made.code, made.typed) == (2, [])
    assert said in made.said
