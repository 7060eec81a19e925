"""A growing history's bytes against those of the plain writer, which renders all of it."""

import json
from dataclasses import replace

import pytest

import train.growing
from train.growing import Growing
from train.record import Record, metrics_bytes, record_bytes

GALLERY = {"history": [], "told": 'a "history": [] of é\n, and ],\n}'}
ODD = {"epoch": 2, "Ω": 1e-7, "loss": -0.0, "far": float("inf"), "none": float("nan"), "n": 10**20}


def rows(many):
    return [{"epoch": n, "score": n / 7, "a": 0.1 + 0.2, "history": 1.5} for n in range(many)]


def assert_plain(growing, record):
    assert growing.record(record) == record_bytes(record)
    assert growing.metrics(record.history) == metrics_bytes(record.history)


@pytest.mark.parametrize("gallery", [{}, GALLERY])
def test_every_state_of_a_history_is_as_the_plain_writer_has_it(gallery):
    growing, record = Growing(), Record("config", gallery=gallery)
    assert_plain(growing, record)
    for number, row in enumerate([*rows(3), ODD, *rows(2)], start=1):
        record = replace(record.after(number, {"score": number}, row), state_file=f"state-{number}")
        assert_plain(growing, record)
        assert json.loads(growing.record(record))["history"][-1].keys() == row.keys()


def test_rows_that_are_others_are_rendered_anew():
    growing, record = Growing(), Record("config")
    history = rows(4)
    for now in (history, history[:2], [*history[:2], *rows(3)], rows(1), [], history):
        assert_plain(growing, replace(record, history=list(now)))


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), (1, 1.0), (True, 1), (0.25, 0.5)])
def test_a_row_in_the_place_of_another_is_rendered_though_they_are_equal(one, other):
    growing, record = Growing(), Record("config")
    for value in (one, other):
        history = [{"epoch": 1, "score": value}, {"epoch": 2, "score": value}]
        assert_plain(growing, replace(record, history=history))


def test_a_row_is_rendered_once(monkeypatch):
    rendered, growing, history = [], Growing(), rows(5)
    real = train.growing.Row.of
    monkeypatch.setattr(train.growing.Row, "of", lambda row: rendered.append(row) or real(row))
    for many in range(6):
        growing.metrics(history[:many])
        growing.record(Record("config", history=history[:many]))
    assert rendered == history
