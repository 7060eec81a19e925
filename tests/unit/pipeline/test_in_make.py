"""What is told to who typed make names variables; what is to be typed as it stands is left."""

import re
from pathlib import Path

import click
import pytest

from pipeline.cli import main
from pipeline.commands.all import command
from pipeline.said.progress import say
from pipeline.typed.by_make import ASKED_BY
from pipeline.typed.in_make import OPTIONS, in_make, told, variable_of

MAKEFILE = Path(__file__).resolve().parents[3] / "Makefile"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 % is more than --max-errors 0.1; mend", "5 % is more than MAX_ERRORS=0.1; mend"),
        ("train into another --run", "train into another RUN"),
        ("no weights at a; check --weights", "no weights at a; check WEIGHTS"),
        ("give another --weights, or mend", "give another WEIGHTS, or mend"),
        ("pass it: --weights PATH/a.pth", "pass it: WEIGHTS=PATH/a.pth"),
        ("use another --work folder", "use another WORK folder"),
        ("use --crops 1 or --keep all", "use CROPS=1 or KEEP=all"),
        ("use a smaller --batch-size than 4", "use a smaller BATCH than 4"),
        ("in --transform NAME|RESIZE:CROP", "in TRANSFORM=NAME|RESIZE:CROP"),
        ("unknown --device 'tpu': did", "unknown DEVICE='tpu': did"),
        ("value for '--max-errors': 'x'", "value for 'MAX_ERRORS': 'x'"),
        ("another folder with --out 'my o'", "another folder with OUT='my o'"),
        ("(--split train)", "(SPLIT=train)"),
        ("give --layer pooled,scores, or", "give LAYER=pooled,scores, or"),
    ],
)
def test_an_option_is_its_variable(text: str, expected: str) -> None:
    assert in_make(text, "tc") == expected


@pytest.mark.parametrize(
    "text",
    [
        "with a run one types `tc evaluate a --work b`",
        "next: tc evaluate a --work 'my b' --data OTHER",
        "such as --set margin=0.1",
        "No such option '--works'",
        "use a smaller --shard-size",
        "a---work b, --work-x, x--work, --work=b",
    ],
)
def test_a_command_and_other_words_are_left(text: str) -> None:
    assert in_make(text, "tc") == text


def test_behind_a_command_it_goes_on() -> None:
    assert in_make("type tc list --work a; or --run b", "tc") == "type tc list --work a; or RUN=b"


def test_each_option_is_one_of_all_and_a_variable_of_the_makefile() -> None:
    pairs = dict(re.findall(r"\b([A-Z_]+):([a-z][a-z-]*)\b", MAKEFILE.read_text()))
    assert {variable_of(option): option for option in OPTIONS} == pairs
    typed = {
        word for each in command.params if isinstance(each, click.Option) for word in each.opts
    }
    assert {f"--{option}" for option in OPTIONS} <= typed


def test_lines_and_errors_are_told_so_by_make_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    line = "gone (--work w)"
    say(line)
    assert told(line) == line
    assert capsys.readouterr().err == f"{line}\n"
    monkeypatch.setenv(ASKED_BY, "make")
    say(line)
    assert capsys.readouterr().err == "gone (WORK=w)\n"
    with pytest.raises(SystemExit):
        main(["all", "photos", "--max-errors", "many"])
    assert "'MAX_ERRORS': 'many' is not a percentage" in capsys.readouterr().err
