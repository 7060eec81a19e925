"""What a run has seen: the same file under any name, the same id only where no file is known."""

import numpy as np
import pytest
from train_fakes import make_world

from core.errors import RunError
from core.files import json_sha256, write_json
from core.records import Caption, Corpus, Image
from core.sealed import read_sealed, write_sealed
from core.sources import StoredVectors
from tests.interruption import interrupted_at
from train.seen import DIGITS, Seen, items
from train.trained import load

A, B, C = (letter * 64 for letter in "abc")


def source(digests):
    ids = list(digests)
    return StoredVectors(ids, np.zeros((len(ids), 2), np.float32), {}, list(digests.values()))


def corpus(**splits):
    images = [Image(i, None, split) for split, ids in splits.items() for i in ids.split()]
    return Corpus.build("seen", images, [(i.id, Caption(f"{i.id}#", i.id)) for i in images])


def seen(digests, **splits):
    whole = corpus(**splits)
    parts = whole.split("train"), whole.split("val")
    return Seen.of(whole, parts, {"image": source(digests)})


def asked(digests):
    return items(corpus(test=" ".join(digests)), {"image": source(digests)})


@pytest.mark.parametrize(
    ("digests", "found"),
    [
        ({"other": A}, ["other"]),  # the same file under another name
        ({"one": A}, ["one"]),
        ({"one": C}, []),  # another file of the same name
        ({"one": B}, []),  # and that of `two`, which was validated on
        ({"one": ""}, ["one"]),  # no file: the id counts
        ({"other": ""}, []),
        ({"bare": A}, ["bare"]),
        ({"bare": C}, ["bare"]),  # trained on without a file: the id counts
        ({"other": C, "x": A, "y": A}, ["x", "y"]),
    ],
)
def test_trained_on_is_by_file_and_by_id_where_there_is_none(digests, found):
    run = seen({"one": A, "two": B, "bare": ""}, train="one bare", val="two")
    assert run.trained_on(asked(digests)) == found


def test_the_same_id_with_another_file_is_named_alike():
    run = seen({"one": A, "two": B}, train="one", val="two")
    assert run.named_alike(asked({"one": C, "two": C, "new": C})) == ["one"]
    assert run.named_alike(asked({"one": A})) == run.named_alike(asked({"one": ""})) == []


def test_chosen_on_is_of_the_validation_part_alone():
    run = seen({"one": A, "two": B}, train="one", val="two")
    assert run.chosen_on(asked({"x": B, "one": A})) == ["x"]


def test_a_digest_of_any_source_will_do_and_what_no_source_has_is_not_seen():
    part = corpus(test="one two three")
    both = {"image": source({"one": ""}), "text": source({"one": A, "two": ""})}
    assert items(part, both) == [("one", A[:DIGITS]), ("two", "")]


def test_the_digest_is_of_what_was_trained_and_validated_on():
    files = {"one": A, "two": B, "three": C}
    run = seen(files, train="one", val="two")
    assert run.digest == seen(files, train="one", val="two", test="three").digest
    assert run.digest != seen({**files, "one": C}, train="one", val="two").digest
    assert run.digest != seen(files, train="one", val="three").digest
    said = corpus(train="one", val="two")
    parts = said.split("train"), said.split("val")
    labelled = Corpus.build(
        "seen",
        [Image(i.id, None, i.split, ("cat",)) for i in said.images],
        [(said.images[o].id, c) for o, c in zip(said.owner, said.captions, strict=True)],
    )
    assert run.digest != Seen.of(labelled, parts, {"image": source(files)}).digest


def test_it_comes_back_from_its_file(tmp_path):
    run = seen({"one": A, "two": B, "bare": ""}, train="one bare", val="two")
    run.write(tmp_path)
    assert Seen.read(tmp_path, run.digest) == run


def test_every_changed_byte_is_found(tmp_path):
    run = seen({"one": A, "two": B}, train="one", val="two")
    run.write(tmp_path)
    file = tmp_path / "seen.json"
    data = file.read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 4
        if data[place : place + 1].isspace() and changed[place : place + 1].isspace():
            continue
        file.write_bytes(changed)
        with pytest.raises(RunError, match="seen.json .*run the same `train` command to mend it"):
            Seen.read(tmp_path, run.digest)


def test_another_runs_list_is_refused(tmp_path):
    run = seen({"one": A, "two": B}, train="one", val="two")
    seen({"one": C, "two": B}, train="one", val="two").write(tmp_path)
    with pytest.raises(RunError, match="is not what this run has seen"):
        Seen.read(tmp_path, run.digest)
    said = []
    run.mend(tmp_path, said.append)
    assert len(said) == 1
    assert "written again" in said[0]
    assert Seen.read(tmp_path, run.digest) == run


def test_a_list_that_was_made_shorter_is_found(tmp_path):
    run = seen({"one": A, "two": B}, train="one", val="two")
    run.write(tmp_path)
    content = read_sealed(tmp_path / "seen.json")
    write_sealed(tmp_path / "seen.json", content | {"train": []})
    with pytest.raises(RunError, match="is not what this run has seen"):
        Seen.read(tmp_path, run.digest)


def test_the_list_of_an_earlier_version_is_read(tmp_path):
    """Its digest was called ``sha256``, and was of all but itself and the format."""
    run = seen({"one": A, "two": B}, train="one", val="two")
    run.write(tmp_path)
    content = read_sealed(tmp_path / "seen.json")
    stated = json_sha256({k: v for k, v in content.items() if k != "format"})
    write_json(tmp_path / "seen.json", content | {"sha256": stated})
    assert Seen.read(tmp_path, run.digest) == run
    write_json(tmp_path / "seen.json", content | {"sha256": stated, "captions": {}})
    with pytest.raises(RunError, match="is not what this run has seen"):
        Seen.read(tmp_path, run.digest)


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("damage", ["cut", "remove"])
def test_the_same_train_command_mends_it(tmp_path, finished, damage):
    world, run = make_world(tmp_path, train=6, val=3), tmp_path / "run"
    if finished:
        world.train(run)
    else:
        with pytest.raises(KeyboardInterrupt):
            world.train(run, progress=interrupted_at(2, 1))
    file = run / "seen.json"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    if damage == "remove":
        file.unlink()
    world.train(run)
    assert file.read_bytes() == whole
    assert load(run, world.device).seen.digest == world.plan().seen.digest


def test_a_sound_one_tells_what_was_at_the_time(tmp_path):
    world, run = make_world(tmp_path, train=6, val=3), tmp_path / "run"
    world.train(run)
    before = (run / "seen.json").read_bytes()
    new = Image("z", None, "test")
    owned = [
        (world.corpus.images[o].id, c)
        for o, c in zip(world.corpus.owner, world.corpus.captions, strict=True)
    ]
    world.corpus = Corpus.build("tiny", [*world.corpus.images, new], owned)
    world.train(run)
    assert (run / "seen.json").read_bytes() == before
