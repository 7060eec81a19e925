"""Damaged, lost and older files of a run: what is gone on from, what is mended, what is said."""

import json
import shutil
from hashlib import sha256

import pytest
import safetensors.torch
import torch
from train_fakes import make_world, rising, warmed

import core.splitting
import train.checkpoint
import train.record
import train.states
from core.errors import RunError
from core.files import json_sha256, write_json
from core.sealed import read_sealed, write_sealed
from tests.interruption import (
    assert_same_run,
    digests,
    flip,
    interrupted_at,
    metrics,
    record,
    tensor_files,
)
from train.states import find_state, flaw
from train.trained import load

CPU = torch.device("cpu")
OPTIONS = ("crop=random", "image.dropout=0.2", "word_dropout=0.2", "epochs=4", "batch_size=14")
SMALL = ("config.json", "last.json", "vocab.json", "seen.json", "metrics.jsonl")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, crops=3)


def fit(world, run, *, until=None, **named):
    """Train, or end after the step ``until``; what was said."""
    said = []
    given = {"recipe": warmed(), "validate": rising, "say": said.append, **named}
    if until:
        with pytest.raises(KeyboardInterrupt):
            world.train(run, *OPTIONS, progress=interrupted_at(*until), **given)
    else:
        world.train(run, *OPTIONS, **given)
    return said


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    fit(make_world(folder, crops=3), folder / "whole")
    return folder / "whole"


@pytest.fixture
def whole(finished, tmp_path):
    """A finished run of ``world``, which may be damaged."""
    return shutil.copytree(finished, tmp_path / "whole")


def damage(file, how):
    if how == "flip":
        flip(file, file.stat().st_size // 2)
    elif how == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        file.unlink()


@pytest.mark.parametrize("until", [(3, 1), (3, 2)])
@pytest.mark.parametrize("how", ["flip", "cut", "remove"])
@pytest.mark.parametrize("kind", ["weights", "state"])
def test_a_damaged_last_state_is_gone_on_from_the_one_before(
    world, whole, tmp_path, until, how, kind
):
    run = tmp_path / "run"
    fit(world, run, until=until, save_every=0.0)
    damage(run / tensor_files(run)[kind], how)
    said = fit(world, run)
    before = "epoch 2 and 1 step" if until == (3, 2) else "epoch 2"
    assert any(
        f"{kind if kind == 'state' else 'last'}-" in note and note.endswith(f"before it, {before}")
        for note in said
    ), said
    assert_same_run(run, whole)


@pytest.mark.parametrize("how", ["flip", "cut"])
def test_a_damaged_record_is_gone_on_from_the_one_before(world, whole, tmp_path, how):
    run = tmp_path / "run"
    fit(world, run, until=(4, 1))
    damage(run / "last.json", how)
    with pytest.raises(RunError, match=r"last\.json is damaged .*the same `train` command"):
        load(run, CPU)
    said = fit(world, run)
    assert any("last.json is damaged" in note and "epoch 2" in note for note in said), said
    assert_same_run(run, whole)


def test_a_lost_record_is_said_and_gone_on_from_the_one_before(world, whole, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(4, 1))
    (run / "last.json").unlink()
    said = fit(world, run)
    assert f"{run / 'last.json'} is missing: going on from the state before it, epoch 2" in said
    assert_same_run(run, whole)


@pytest.mark.parametrize("how", ["flip", "remove"])
@pytest.mark.parametrize("name", ["last.json", "previous.json"])
def test_a_finished_run_holds_its_record_twice(world, whole, tmp_path, name, how):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    damage(run / name, how)
    if name == "last.json":
        with pytest.raises(RunError, match=r"last\.json|no finished epoch.*the same `train`"):
            load(run, CPU)
    fit(world, run, progress=interrupted_at(1, 1, AssertionError))
    assert_same_run(run, whole)
    assert (run / "last.json").read_bytes() == (run / "previous.json").read_bytes()


@pytest.mark.parametrize("name", ["last.json", "previous.json"])
def test_a_record_of_a_finished_run_is_put_back_to_the_byte(world, whole, name):
    """It says the same with a blank more, and its digest, which is of what it says, is right."""
    before = digests(whole, *SMALL, "previous.json")
    (whole / name).write_bytes((whole / name).read_bytes() + b" ")
    fit(world, whole, progress=interrupted_at(1, 1, AssertionError))
    assert digests(whole, *SMALL, "previous.json") == before


def test_two_damaged_records_are_left_alone(world, whole):
    for name in ("last.json", "previous.json"):
        flip(whole / name, 200)
    before = digests(whole, "last.json", "model.safetensors")
    with pytest.raises(RunError, match=r"last\.json is damaged .*put it back, .*another --run"):
        fit(world, whole)
    assert digests(whole, "last.json", "model.safetensors") == before


@pytest.mark.parametrize("how", ["flip", "remove"])
def test_a_lost_model_of_a_finished_run_is_trained_again(world, whole, tmp_path, how):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    damage(run / "model.safetensors", how)
    with pytest.raises(RunError, match=r"model.safetensors is .*; run the same `train` command"):
        load(run, CPU)
    said = fit(world, run)
    assert any("training from the start" in note for note in said), said
    assert_same_run(run, whole)


def test_two_damaged_states_are_trained_again(world, whole, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(4, 1))
    for file in run.glob("state-*"):
        flip(file)
    assert any("training from the start" in note for note in fit(world, run))
    assert_same_run(run, whole)


@pytest.mark.parametrize("name", ["vocab.json", "metrics.jsonl", "seen.json"])
@pytest.mark.parametrize("how", ["flip", "cut", "remove"])
def test_a_lost_table_of_a_finished_run_is_mended(world, whole, tmp_path, name, how):
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    damage(run / name, how)
    said = fit(world, run, progress=interrupted_at(1, 1, AssertionError))
    assert digests(run, *SMALL) == digests(whole, *SMALL)
    assert name == "metrics.jsonl" or any(name in note for note in said)


def test_the_config_of_another_training_is_not_put_in_its_place(world, whole):
    (whole / "config.json").unlink()
    with pytest.raises(RunError, match=r"config\.json is missing.*another --run"):
        fit(world, whole, seed=1)
    assert not (whole / "config.json").exists()
    assert load_after(world, whole).record.done


def test_a_lost_config_that_nothing_tells_of_is_refused_with_the_way_out(world, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(1, 1), save_every=0)
    (run / "last.json").unlink(missing_ok=True)
    (run / "previous.json").unlink(missing_ok=True)
    (run / "config.json").write_text("{")
    with pytest.raises(RunError, match=r"config\.json is damaged.*no record .* another --run"):
        fit(world, run)


def test_a_run_of_another_format_is_not_written_over(world, whole):
    config = read_sealed(whole / "config.json")
    write_sealed(whole / "config.json", config | {"format": "tencrop-run/1"})
    with pytest.raises(RunError, match=r"has format 'tencrop-run/1'.*; train into another --run$"):
        fit(world, whole)


def load_after(world, run):
    fit(world, run)
    return load(run, CPU)


def test_words_that_are_others_by_now_are_not_put_in_their_place(world, whole, monkeypatch):
    (whole / "vocab.json").unlink()
    split = core.splitting.tokenise
    odd = {"words": lambda text: [f"{w}!" for w in split(text)]}
    monkeypatch.setattr(core.splitting, "SPLITS", odd)
    with pytest.raises(RunError, match=r"vocab\.json is missing.*version of this program"):
        fit(world, whole)
    assert not (whole / "vocab.json").exists()


def test_what_cannot_be_written_in_a_finished_run_is_said(world, whole, monkeypatch):
    """A finished run on a disk that is only read, of a corpus that was moved since."""
    before = digests(whole, *SMALL)

    def full(path, *_, **__):
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(core.files, "replace_file", full)
    (note,) = fit(world, whole, data="moved")
    assert note.startswith(f"{whole} cannot be written (Read-only file system); it is left as it")
    assert fit(world, whole) == []
    assert digests(whole, *SMALL) == before


def test_a_fault_of_the_moment_is_no_damage(world, tmp_path, monkeypatch):
    run = tmp_path / "run"
    fit(world, run, until=(3, 1))
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    with monkeypatch.context() as patch:

        def faulty(path, **_):
            raise OSError(5, "Input/output error", str(path))

        patch.setattr(train.states, "file_sha256", faulty)
        with pytest.raises(OSError, match="Input/output error"):
            fit(world, run)
    assert {file.name: file.read_bytes() for file in run.iterdir()} == before


def test_a_reader_beside_a_training_reads_the_record_once_more(world, tmp_path, monkeypatch):
    """The model that it was told of a moment ago is replaced while it looks."""
    run = tmp_path / "run"
    fit(world, run, until=(2, 1))
    old = record(run)
    fit(world, run)
    kept = {key: value for key, value in old.items() if key not in ("digest", "format")}
    stale = iter([train.record.Record(**kept)])
    monkeypatch.setattr(
        train.checkpoint,
        "read_record",
        lambda path, *name: next(stale, None) or train.record.read_record(path, *name),
    )
    assert not (run / old["model_file"]).exists()
    assert load(run, CPU).record.done


def test_a_model_is_asked_while_its_training_goes_on(world, tmp_path):
    run = tmp_path / "run"
    asked = []

    def progress(epoch, step, *_, **__):
        if epoch > 1:
            trained = load(run, CPU)
            trained.predict(world.corpus.split("val"), world.sources)
            asked.append((epoch, trained.record.best_epoch))

    world.train(run, *OPTIONS, recipe=warmed(), validate=rising, progress=progress, save_every=0.0)
    best = {row["epoch"]: row["score"] for row in metrics(run)}
    assert len(asked) == 9
    for epoch, best_epoch in asked:
        assert best_epoch == max(range(1, epoch), key=lambda number: best[number])


def test_a_state_inside_the_first_epoch_is_no_model_yet(world, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(1, 2), save_every=0.0)
    assert find_state(run).step == 2
    with pytest.raises(RunError, match=r"no finished epoch; go on with the same `train` command"):
        load(run, CPU)


def test_a_state_is_committed_when_it_is_due(world, tmp_path, monkeypatch):
    """Every ten minutes of a clock that goes on by four a look; not after an epoch's last step."""
    clock = iter(range(0, 10**6, 240))
    monkeypatch.setattr(train.checkpoint.time, "monotonic", lambda: float(next(clock)))
    real, seen = train.checkpoint.Checkpoints.commit, []

    def watched(self, record, tensors):
        seen.append((record.epoch, record.step))
        return real(self, record, tensors)

    monkeypatch.setattr(train.checkpoint.Checkpoints, "commit", watched)
    world.train(tmp_path / "run", "batch_size=4", "epochs=2")
    assert seen == [(0, 3), (0, 6), (0, 9), (1, 0), (1, 3), (1, 6), (1, 9), (2, 0)]


def test_the_record_before_is_the_last_one_as_it_was_to_the_byte(world, tmp_path, monkeypatch):
    """Of every state, those after an interruption too; both are what the plain writer writes."""
    run, real, seen = tmp_path / "run", train.checkpoint.Checkpoints.commit, []

    def watched(self, record, tensors):
        before = (run / "last.json").read_bytes() if (run / "last.json").exists() else None
        done = real(self, record, tensors)
        train.record.write_record(tmp_path / "plain.json", done)
        assert (run / "last.json").read_bytes() == (tmp_path / "plain.json").read_bytes()
        assert (run / "metrics.jsonl").read_bytes() == train.record.metrics_bytes(done.history)
        seen.append((done.epoch, done.step))
        if before is None:
            assert not (run / "previous.json").exists()
        else:
            assert (run / "previous.json").read_bytes() == before
        return done

    monkeypatch.setattr(train.checkpoint.Checkpoints, "commit", watched)
    fit(world, run, until=(2, 2), save_every=0.0)
    assert seen == [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    fit(world, run)
    assert seen[5:] == [(2, 0), (3, 0), (4, 0)]


def test_a_state_that_is_gone_on_from_counts_at_once(world, tmp_path):
    """The training ends again before it has another one."""
    run = tmp_path / "run"
    fit(world, run, until=(3, 1), save_every=0.0)
    flip(run / "last.json", 200)
    fit(world, run, until=(3, 1))
    assert load(run, CPU).record.where == "epoch 2"


def test_a_state_that_is_gone_on_from_leaves_the_one_before(world, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(3, 1), save_every=0.0)
    fit(world, run, until=(3, 2))
    assert find_state(run).where == "epoch 2 and 1 step"
    flip(run / "last.json", 200)
    assert find_state(run).where == "epoch 2"


def test_only_two_states_are_kept(world, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(4, 2), save_every=0.0)
    kept = {name: json.loads((run / name).read_text()) for name in ("last.json", "previous.json")}
    named = {v for r in kept.values() for k, v in r.items() if k.endswith("_file")}
    assert {file.name for file in run.glob("*.safetensors")} == named
    assert find_state(run).step == kept["last.json"]["step"] == 2


def test_files_of_other_names_are_left_alone(world, tmp_path):
    run = tmp_path / "run"
    fit(world, run, until=(2, 1))
    (run / "my-notes.safetensors").write_text("mine")
    fit(world, run)
    assert (run / "my-notes.safetensors").read_text() == "mine"


def test_a_run_of_an_earlier_version_is_read_and_gone_on_with(world, whole, tmp_path):
    """One state file held everything, the record no file names, and no digest of its own."""
    run = tmp_path / "run"
    fit(world, run, until=(3, 1))
    _as_before(run)
    assert load(run, CPU).record.epoch == 2
    fit(world, run)
    kept = [name for name in ("model.safetensors", *SMALL[:3]) if name != "last.json"]
    assert digests(run, *kept) == digests(whole, *kept)
    assert load(run, CPU).record.done


def _as_before(run):
    content = read_sealed(run / "last.json")
    parts = [safetensors.torch.load_file(run / content[f"{k}_file"]) for k in ("weights", "state")]
    data = safetensors.torch.save(parts[0] | parts[1])
    digest = train.checkpoint.sha256(data).hexdigest()
    (run / f"last-{digest[:16]}.safetensors").write_bytes(data)
    (run / content["model_file"]).rename(run / "model.safetensors")
    for file in (*run.glob("state-*"), *run.glob("best-*"), run / "previous.json"):
        file.unlink(missing_ok=True)
    new = ("step", "model_file", "weights_file", "weights_sha256", "metrics_sha256", "format")
    old = {key: value for key, value in content.items() if key not in new}
    old |= {"state_file": f"last-{digest[:16]}.safetensors", "state_sha256": digest}
    write_json(run / "last.json", old | {"format": "tencrop-run/2", "sha256": json_sha256(old)})
    for name in ("config.json", "vocab.json", "seen.json"):
        write_json(run / name, read_sealed(run / name))


def test_a_record_of_another_format_or_shape_is_refused(whole):
    content = read_sealed(whole / "last.json")
    write_sealed(whole / "last.json", content | {"format": "tencrop-run/9"})
    with pytest.raises(RunError, match="'tencrop-run/9', not 'tencrop-run/2'; train into another"):
        load(whole, CPU)
    for wrong in ({"unknown": 1}, {"sha256": "0" * 64}):
        write_sealed(whole / "last.json", content | wrong)
        with pytest.raises(RunError, match=r"last\.json is damaged"):
            load(whole, CPU)
    (whole / "last.json").write_text("[]")
    with pytest.raises(RunError, match=r"last\.json is damaged"):
        load(whole, CPU)


def test_a_folder_in_the_place_of_a_tensor_file_is_a_flaw(whole):
    (whole / "model.safetensors").unlink()
    (whole / "model.safetensors").mkdir()
    assert flaw(whole / "model.safetensors", "") == ("model.safetensors is not a regular file")


@pytest.mark.parametrize("content", ['{"format": null}', '{"format": 3}', "{}"])
def test_a_record_without_a_format_is_a_damaged_one(whole, content):
    (whole / "last.json").write_text(content)
    with pytest.raises(RunError, match=r"last\.json is damaged .*; run the same `train` command"):
        train.record.read_record(whole)


def test_a_record_of_another_format_is_none_of_ours(whole):
    (whole / "last.json").write_text('{"format": "tencrop-run/9"}')
    with pytest.raises(RunError, match="has format 'tencrop-run/9'"):
        train.record.read_record(whole)


def test_a_folder_in_the_place_of_a_record_is_moved_away(whole):
    (whole / "last.json").unlink()
    (whole / "last.json").mkdir()
    with pytest.raises(RunError, match="is not a regular file; move it elsewhere"):
        train.record.read_record(whole)


def test_a_folder_in_the_place_of_the_record_before_is_told_before_a_step(world, tmp_path):
    run, steps = tmp_path / "run", []
    fit(world, run, until=(2, 2), save_every=0.0)
    (run / "previous.json").unlink()
    (run / "previous.json").mkdir()
    with pytest.raises(RunError, match=r"previous\.json is a folder; move it elsewhere"):
        fit(world, run, progress=lambda *step, **_: steps.append(step))
    assert not steps
    (run / "previous.json").rmdir()
    fit(world, run)
    assert find_state(run).done


def test_what_completes_the_model_is_under_its_digest(world, tmp_path):
    biased = ("gallery.bias=true", "gallery.bank=4", "epochs=1", "batch_size=14")
    world.train(tmp_path / "run", *biased)
    data = (tmp_path / "run" / "model.safetensors").read_bytes()
    record = train.record.read_record(tmp_path / "run")
    assert record.model_sha256 == sha256(data).hexdigest()
    assert record.gallery
    plain = [f"task.{name}" for name in load(tmp_path / "run", CPU).task.state_dict()]
    added = safetensors.torch.load(data).keys() - {*plain}
    assert {"gallery.image", "gallery.caption"} <= added
