"""What is typed behind `make` reaches the program as it was typed, and all of it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.commands.all import command

ROOT = Path(__file__).resolve().parents[2]
PYTHON = f"""#!{sys.executable}
import json, os, runpy, sys
sys.path.insert(0, {str(ROOT)!r})
words = sys.argv[1:]
if words[:2] == ["-m", "pipeline.typed.shell_words"]:
    sys.argv[1:] = words[2:]
    runpy.run_module("pipeline.typed.shell_words", run_name="__main__")
else:
    with open("typed.jsonl", "a") as file:
        file.write(json.dumps(words[2:]) + "\\n")
    print(os.environ["TENCROP_ASKED_BY"], "from", os.environ["TENCROP_FROM_ENVIRONMENT"])
    sys.exit(int(os.environ.get("FAIL", 0)))
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
OPTIONS = {
    "FORMAT": ("--format", "folder"),
    "BACKBONE": ("--backbone", "vgg19,alexnet"),
    "WEIGHTS": ("--weights", "my weights.pth,odd,,name.pth"),
    "TRANSFORM": ("--transform", "232:224"),
    "CROPS": ("--crops", "1"),
    "KEEP": ("--keep", "all"),
    "LAYER": ("--layer", "scores,pooled"),
    "DTYPE": ("--dtype", "float16"),
    "BATCH": ("--batch-size", "3"),
    "ENGINE": ("--engine", "plain"),
    "RECIPE": ("--recipe", "my own.toml"),
    "SEED": ("--seed", "7"),
    "RUN": ("--run", "my run"),
    "SAVE_EVERY": ("--save-every", "5"),
    "SPLIT": ("--split", "val"),
    "PROTOCOL": ("--protocol", "ranking"),
    "MEASURES": ("--measures", "recall,mean_rank"),
    "SET_MEASURE": ("--set-measure", "recall.k=1,5 precision.k=3"),
    "OUT": ("--out", "my answers"),
    "MAX_ERRORS": ("--max-errors", "3%"),
    "DEVICE": ("--device", "cpu"),
    "WORK": ("--work", "my work"),
}
WITHOUT = {
    *("--to", "--shard-size", "--tensorboard", "--set", "--guard", "--help"),
    *("--deterministic", "--compile", "--fold", "--positives", "--least", "--likeness"),
    "--page",
}
"""The options of `all` that are no variables: the target, ARGS and what is short for it, others."""
TARGETS = {"features": "features", "train": "train", "eval": "evaluate"}


class Made(NamedTuple):
    code: int
    typed: list[list[str]]
    said: str

    def only(self) -> list[str]:
        """The words of the one command that ran."""
        (words,) = self.typed
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
def test_any_value_arrives_as_it_is(folder: Folder, name: str) -> None:
    given = dict.fromkeys(("DATA", "WEIGHTS", "RECIPE", "RUN", "SPLIT", "OUT", "WORK"), name)
    typed = [f"{variable}={value}" for variable, value in given.items()]
    for made in (folder.make("eval", *typed), folder.make("eval", **given)):
        assert made.code == 0, made.said
        words = made.only()
        assert words[-2:] == ["--", name]
        assert all(has(words, OPTIONS[each][0], name) for each in given if each != "DATA")


@pytest.mark.parametrize("target", TARGETS)
def test_every_variable_reaches_the_one_command(folder: Folder, target: str) -> None:
    given = {name: value for name, (_, value) in OPTIONS.items()}
    typed = [f"{name}={value}" for name, value in given.items()]
    for made in (folder.make(target, "DATA=d", *typed), folder.make(target, DATA="d", **given)):
        words = made.only()
        assert words[:3] == ["all", "--to", TARGETS[target]]
        assert all(has(words, *pair) for pair in OPTIONS.values())
        assert len(words) == 3 + 2 * len(OPTIONS) + 2


def test_every_option_has_a_variable() -> None:
    there = {option for each in command.params for option in each.opts if option.startswith("--")}
    assert there - WITHOUT == {option for option, _ in OPTIONS.values()}


def test_what_is_not_given_is_left_to_the_program(folder: Folder) -> None:
    for target, to in TARGETS.items():
        assert folder.make(target).only() == ["all", "--to", to]


def test_what_comes_from_the_environment_is_told(folder: Folder) -> None:
    assert "make from SEED WORK\n" in folder.make("eval", "CROPS=1", SEED="3", WORK="w").said
    assert "make from \n" in folder.make("eval", "CROPS=1").said


def test_an_empty_value_is_given_too(folder: Folder) -> None:
    words = folder.make("train", "TRANSFORM=", "DATA=", "ARGS=").only()
    assert words == ["all", "--to", "train", "--transform", "", "--set", "", "--", ""]


def test_args_are_words_with_quotes_and_nothing_in_them_is_run(folder: Folder) -> None:
    args = (
        "--set a=1  --set 'about=it is; $(touch evil) `touch evil`' --set rates=image.* \"$HOME\""
    )
    words = ["--set", "a=1", "--set", "about=it is; $(touch evil) `touch evil`"]
    words += ["--set", "rates=image.*", "$HOME"]
    for target in TARGETS:
        made = folder.make(target, "DATA=d", f"ARGS={args}")
        assert made.code == 0, made.said
        assert has(made.only(), *words, "--", "d")
    made = folder.make("train", "DATA=d", "ARGS=--set 'a=1")
    assert (made.code, made.typed) == (2, [])
    assert 'error: ARGS = "--set \'a=1": no closing quotation; close the quotation' in made.said


@pytest.mark.parametrize("code", [1, 2, 130])
def test_what_fails_fails_in_make(folder: Folder, code: int) -> None:
    made = folder.make("eval", "DATA=d", FAIL=str(code))
    assert (made.code, len(made.typed)) == (2, 1)


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


def test_serve_takes_what_it_has_options_for_and_refuses_the_rest(folder: Folder) -> None:
    given = ("FORMAT", "SPLIT", "OUT", "MAX_ERRORS", "DEVICE", "WORK")
    typed = [f"{name}={OPTIONS[name][1]}" for name in given]
    made = folder.make("serve", "RUN=my run", "DATA=my photos", "ARGS=--port 8001", *typed)
    words = made.only()
    assert (words[0], words[-4:]) == ("serve", ["--port", "8001", "--", "my run"])
    assert all(has(words, *pair) for pair in (OPTIONS[name] for name in given))
    assert has(words, "--data", "my photos")
    for name in OPTIONS.keys() - {*given, "RUN"}:
        refused = folder.make("serve", "RUN=r", f"{name}=x")
        assert (refused.code, refused.typed) == (2, [])
        assert f"make serve takes a RUN as it was trained: leave out {name}" in refused.said


def test_a_map_is_of_a_run_as_it_was_trained(folder: Folder) -> None:
    hostile = "it's $(touch evil) `touch evil`; touch evil"
    given = (f"RUN={hostile}", "DATA=my photos", "SPLIT=val", "OUT=my map.png", "ARGS=--by pca")
    assert folder.make("map", *given).only() == [
        *("map", "--data", "my photos", "--split", "val", "--out", "my map.png"),
        *("--by", "pca", "--", hostile),
    ]
    for typed, said in (
        ((), "no RUN: type make map RUN=work/runs/NAME"),
        (("RUN=r", "SEED=3"), "make map takes a RUN as it was trained: leave out SEED"),
    ):
        made = folder.make("map", *typed)
        assert (made.code, made.typed) == (2, [])
        assert said in made.said


def test_a_browser_is_looked_for_before_anything_is_installed(folder: Folder) -> None:
    for name in ("dev", "browser", "optional"):
        (folder.path / f"requirements-{name}.txt").touch()
    told = folder.make("-n", "browser").said
    assert -1 < told.find("tests.browser.at_hand") < told.find("pip install")
    none = folder.make("browser", "HOST=false")
    assert (none.code, none.typed) == (2, [])
    assert not (folder.path / ".venv" / "development").exists()


def test_parallel_and_dry(folder: Folder) -> None:
    made = folder.make("-j2", "features", "train", "DATA=d")
    assert [words[2] for words in made.typed] == ["features", "train"]
    dry = folder.make("-n", "eval", "DATA=my photos")
    assert (dry.code, dry.typed) == (0, [])
    assert '-- "$DATA"' in dry.said


def test_a_sweep_is_of_a_file(folder: Folder) -> None:
    for file in ("mine.toml", "it's $(touch evil) `touch evil`; touch evil"):
        made = folder.make("sweep", f"FILE={file}", "WORK=my work", "ARGS=--dry-run", "SEED=3")
        assert made.only() == ["sweep", "--work", "my work", "--dry-run", "--", file]
    for typed in ([], ["FILE="]):
        made = folder.make("sweep", *typed)
        assert (made.code, made.typed) == (2, [])
        assert "no FILE: type make sweep FILE=sweep.toml; `bin/tencrop sweep --help`" in made.said
        assert made.said.count("\n") == 1


def test_a_comparison_is_of_runs(folder: Folder) -> None:
    hostile = "it's $(touch evil) `touch evil`; touch evil"
    quoted = shlex.join(["a", "my run", "-b", hostile])
    given = (f"RUNS={quoted}", "WORK=my work", "SPLIT=val", "OUT=my answer", "SEED=3", "DATA=d d")
    made = folder.make("compare", *given, "ARGS=--json --cache 'my cache'")
    assert made.only() == [
        *("compare", "--data", "d d", "--split", "val", "--out", "my answer", "--work", "my work"),
        *("--json", "--cache", "my cache", "--", "a", "my run", "-b", hostile),
    ]
    for typed in ([], ["RUNS="]):
        made = folder.make("compare", *typed)
        assert (made.code, made.typed) == (2, [])
        assert 'no RUNS: type make compare RUNS="work/runs/ONE work/runs/TWO"' in made.said
        assert made.said.count("\n") == 1
    made = folder.make("compare", "RUNS=it's")
    assert (made.code, made.typed) == (2, [])
    assert "close the quotation" in made.said


def test_a_run_is_served(folder: Folder) -> None:
    for run in ("work/runs/mine", "it's $(touch evil) `touch evil`; touch evil"):
        given = (f"RUN={run}", "DATA=my photos", "SPLIT=test", "WORK=my work")
        assert folder.make("serve", *given, "ARGS=--port 0").only() == [
            *("serve", "--data", "my photos", "--split", "test", "--work", "my work"),
            *("--port", "0", "--", run),
        ]
    made = folder.make("serve")
    assert (made.code, made.typed) == (2, [])
    assert "no RUN: type make serve RUN=work/runs/NAME" in made.said
    assert made.said.count("\n") == 1


def test_a_cnn_is_tuned_from_a_run(folder: Folder) -> None:
    for run in ("work/runs/mine", "it's $(touch evil) `touch evil`; touch evil"):
        given = (f"FROM={run}", "DATA=my photos", "RECIPE=vse++ft", "SEED=3", "ARGS=--set epochs=2")
        rest = ["--data", "my photos", "--recipe", "vse++ft", "--seed", "3", "--set", "epochs=2"]
        assert folder.make("train", *given).only() == ["train", "--from", run, *rest]
    for typed, said in (
        (("train", "FROM=r", "DATA=d", "CROPS=1", "KEEP=all"), "leave out CROPS KEEP"),
        (("eval", "FROM=r"), "FROM is of make train alone: leave it out"),
        (("features", "FROM=r"), "FROM is of make train alone: leave it out"),
    ):
        made = folder.make(*typed)
        assert (made.code, made.typed) == (2, [])
        assert said in made.said
        assert made.said.count("\n") == 1
    assert folder.make("train", "FROM=", "DATA=d").only()[:3] == ["all", "--to", "train"]


def test_the_other_commands(folder: Folder) -> None:
    work = ["--work", "my work"]
    for target in ("forget", "list"):
        assert folder.make(target).only() == [target]
        assert folder.make(target, "WORK=my work", "SEED=3").only() == [target, *work]
    words = folder.make("corpus", "DATA=-d x", "CROPS=5", "SEED=3", "ARGS=--json").only()
    assert words == ["corpus", "--crops", "5", "--json", "--", "-d x"]
    assert folder.make("corpus").only() == ["corpus"]
    demo = folder.make("demo", "WORK=my work", "DEVICE=cpu", "BACKBONE=vgg19").only()
    assert demo == ["demo", "--device", "cpu", *work]
    assert folder.make("scenes", "DATA=-d x", "ARGS=--train 3 --seed 2").only() == [
        *("scenes", "--train", "3", "--seed", "2"),
        *("--", "-d x"),
    ]
    assert folder.make("scenes").only() == ["scenes", "--", "work/scenes"]
