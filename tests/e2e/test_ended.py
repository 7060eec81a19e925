"""A command that is ended from outside: one line at most, the right exit code, nothing lost."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = '''
import sys, time
import click
import pipeline.cli as cli

@click.command()
def command():
    """Wait, and clean up slowly."""
    try:
        print("begun", flush=True)
        time.sleep(600)
    finally:
        print("cleaning", flush=True)
        time.sleep({cleaning})
        print("cleaned", flush=True)

cli._Commands.get_command = lambda self, ctx, name: command
cli.main(["wait"])
'''


def ended(*signals: int, cleaning: float = 0.0) -> tuple[int, str, str]:
    """Begin, send the signals one after the other; (exit code, stdout, stderr)."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(cleaning=cleaning)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for number in signals:
        said += process.stdout.readline()
        process.send_signal(number)
    out, err = process.communicate(timeout=300)
    return process.returncode, said + out, err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_ends_in_order(number: int, code: int) -> None:
    assert ended(number) == (
        code,
        "begun\ncleaning\ncleaned\n",
        "\nerror: interrupted; run the same command again: it goes on from what is there\n",
    )


@pytest.mark.parametrize(("second", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_one_ends_at_once_without_a_trace(second: int, code: int) -> None:
    began = time.monotonic()
    found = ended(signal.SIGINT, second, cleaning=400.0)
    assert found == (code, "begun\ncleaning\n", "")
    assert time.monotonic() - began < 200


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "recipes", "show", "vse++"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    assert process.communicate(timeout=300)[1] == b""
    assert process.returncode != 0


def test_ctrl_c_stays_ignored_in_the_background() -> None:
    found = subprocess.run(
        [sys.executable, "-c", IGNORING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "True\n"), found.stderr


IGNORING = """
import signal
from pipeline.interrupt import interruptible
signal.signal(signal.SIGINT, signal.SIG_IGN)
with interruptible():
    print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)
"""
