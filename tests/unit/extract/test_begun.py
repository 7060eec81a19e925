"""A cache that was begun elsewhere: as many threads, the same libraries, or one line."""

import pytest
import torch
from test_run import CPU, contents, corpus, draw, extract, tiny

from core.errors import CacheError
from core.sealed import read_sealed, write_sealed
from core.store import FeatureCache, verify_cache
from core.store.manifest import sound_manifest
from extract import run
from extract.code import code_of


class Stop(Exception):
    pass


@pytest.fixture
def drawn(tmp_path):
    draw(tmp_path / "pictures", 6)
    return corpus(tmp_path / "pictures")


@pytest.fixture
def made_on(monkeypatch):
    """What the machine says of itself from now on."""
    real = run._made_with

    def change(**facts):
        monkeypatch.setattr(run, "_made_with", lambda *given: {**real(*given), **facts})

    return change


def begin(drawn, root, shards=1, **options):
    """An extraction that is ended after so many shards of two pictures."""

    def stop(done, total):
        if done == 2 * shards + 1:
            raise Stop

    with pytest.raises(Stop):
        extract(drawn, tiny(), root, device=CPU, shard_size=2, progress=stop, **options)
    (path,) = root.iterdir()
    return path


def test_a_cache_says_how_many_threads_computed_it(drawn, tmp_path):
    cache = FeatureCache(extract(drawn, tiny(), tmp_path / "a", device=CPU).path)
    assert cache.manifest["made_with"]["threads"] == torch.get_num_threads()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"torch": "1.0"}, r"torch 1.0, and here is .*; go on with torch 1.0, or begin"),
        ({"torchvision": "0.1"}, r"torchvision 0.1, .*; go on with torchvision 0.1, or begin"),
        ({"device": "cuda:1"}, r"device cuda, and here is cpu.*; go on with --device cuda, or"),
    ],
)
def test_other_libraries_are_refused_where_something_is_missing(
    drawn, tmp_path, made_on, monkeypatch, facts, message
):
    with monkeypatch.context():
        made_on(**facts)
        path = begin(drawn, tmp_path / "a")
        before = contents(path)
        monkeypatch.undo()
    with pytest.raises(CacheError, match=f"1 of the 3 shards of .* were made with {message}"):
        extract(drawn, tiny(), tmp_path / "a", device=CPU)
    assert contents(path) == before
    made_on(**facts)
    done = extract(drawn, tiny(), tmp_path / "a", device=CPU)
    assert (done.path, done.reused) == (path, 2)
    monkeypatch.undo()
    assert extract(drawn, tiny(), tmp_path / "a", device=CPU).reused == 6  # whatever made it
    (path / "shard-00001.h5").unlink()
    with pytest.raises(CacheError, match=f"2 of the 3 shards of .* were made with {message}"):
        extract(drawn, tiny(), tmp_path / "a", device=CPU)


def test_another_graphics_card_is_the_same_kind_of_device(drawn, tmp_path, made_on):
    made_on(device="cuda:1")
    begin(drawn, tmp_path / "a")
    made_on(device="cuda:0")
    assert extract(drawn, tiny(), tmp_path / "a", device=CPU).reused == 2


def test_where_no_shard_is_there_it_is_begun_again(drawn, tmp_path, made_on, monkeypatch):
    made_on(torch="1.0", threads=77)
    path = begin(drawn, tmp_path / "a", shards=0)
    assert sound_manifest(path)["made_with"]["torch"] == "1.0"
    monkeypatch.undo()
    begin(drawn, tmp_path / "a", shards=0)
    assert sound_manifest(path)["made_with"]["torch"] == torch.__version__
    done = extract(drawn, tiny(), tmp_path / "a", device=CPU)
    assert FeatureCache(done.path).manifest["made_with"]["threads"] == torch.get_num_threads()


@pytest.mark.parametrize("begun", [1, 3])
def test_the_number_of_threads_is_that_of_the_beginning(
    drawn, tmp_path, made_on, monkeypatch, begun
):
    made_on(threads=begun)
    begin(drawn, tmp_path / "a")
    monkeypatch.undo()
    used, said, before = set(), [], torch.get_num_threads()
    if before == begun:
        torch.set_num_threads(begun + 1)
    now = torch.get_num_threads()

    def watch(done, total):
        used.add(torch.get_num_threads())

    try:
        corpus_, root = drawn, tmp_path / "a"
        settings = run.FeatureSettings(backbone="tiny")
        found = run.extract(
            corpus_, tiny(), root, settings, device=CPU, progress=watch, say=said.append
        )
        assert torch.get_num_threads() == now
    finally:
        torch.set_num_threads(before)
    assert used == {begun}
    assert said == [
        f"{found.path} was begun with {begun} threads: going on with as many, for the same bits"
    ]
    assert FeatureCache(found.path).manifest["made_with"]["threads"] == begun


@pytest.mark.parametrize("facts", [{}, *({"threads": odd} for odd in (None, "two", 0, 10**9))])
def test_a_cache_that_does_not_say_what_made_it_is_gone_on_with(drawn, tmp_path, facts):
    path = begin(drawn, tmp_path / "a")
    manifest = sound_manifest(path)
    write_sealed(path / "cache.json", manifest | {"made_with": facts})
    assert path == extract(drawn, tiny(), tmp_path / "a", device=CPU).path
    assert verify_cache(path) == []


FAMILY = "extract.backbones.resnet"


@pytest.fixture
def edited(monkeypatch):
    """The code of the backbone's family, as it is from now on."""
    return lambda digest: monkeypatch.setattr(run, "code_of", lambda name: {FAMILY: digest})


def test_other_code_is_refused_where_something_is_missing(drawn, tmp_path, edited):
    edited("then")
    path = begin(drawn, tmp_path / "a")
    edited("now")
    before = contents(path)
    with pytest.raises(
        CacheError,
        match="1 of the 3 shards of .* were made by other code: extract/backbones/resnet.py has "
        "changed since, .*; put back what it was, or begin another cache with another --work",
    ):
        extract(drawn, tiny(), tmp_path / "a", device=CPU)
    assert contents(path) == before
    edited("then")
    assert extract(drawn, tiny(), tmp_path / "a", device=CPU).reused == 2
    edited("now")
    assert extract(drawn, tiny(), tmp_path / "a", device=CPU).reused == 6  # what is there is there
    assert sound_manifest(path)["made_with"]["code"] == {FAMILY: "then"}


def test_where_no_shard_is_there_the_code_is_that_of_today(drawn, tmp_path, edited):
    edited("then")
    path = begin(drawn, tmp_path / "a", shards=0)
    edited("now")
    extract(drawn, tiny(), tmp_path / "a", device=CPU)
    assert sound_manifest(path)["made_with"]["code"] == {FAMILY: "now"}


def test_a_cache_notes_its_family_and_the_way_to_its_crops(drawn, tmp_path):
    assert list(code_of("resnet50")) == [
        *("extract.backbones.resnet", "extract.images", "extract.modes", "extract.tiff")
    ]
    path = extract(drawn, tiny(), tmp_path / "a", device=CPU).path  # is in no family's file
    noted = sound_manifest(path)["made_with"]["code"]
    assert list(noted) == ["extract.images", "extract.modes", "extract.tiff"]
    assert code_of("alexnet") == noted | code_of("alexnet")


@pytest.mark.parametrize("lost", ["gone", "damaged"])
def test_a_lost_manifest_is_written_again_as_the_shards_tell(drawn, tmp_path, edited, lost):
    edited("then")
    options = {"device": CPU, "shard_size": 2, "engine": "plain", "batch_size": 3}
    path = extract(drawn, tiny(), tmp_path / "a", **options).path
    before = contents(path)
    edited("now")
    _lose(path / "cache.json", lost)
    told = []
    again = extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2, say=told.append)
    assert (again.path, again.reused) == (path, 6)
    assert contents(path) == before
    assert sound_manifest(path)["made_with"]["code"] == {FAMILY: "then"}
    assert told == [f"{path / 'cache.json'} was lost: it is written again, as the shards tell"]


def test_a_lost_manifest_does_not_let_other_code_go_on(drawn, tmp_path, edited):
    edited("then")
    path = begin(drawn, tmp_path / "a", shards=2)
    edited("now")
    _lose(path / "cache.json", "gone")
    with pytest.raises(CacheError, match="2 of the 3 shards of .* were made by other code"):
        extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2)
    assert sound_manifest(path)["made_with"]["code"] == {FAMILY: "then"}


def test_where_the_shards_tell_nothing_a_lost_manifest_tells_nothing(drawn, tmp_path):
    path = extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2).path
    for file in path.glob("shard-*.json"):
        facts = read_sealed(file)
        write_sealed(file, {k: v for k, v in facts.items() if k not in ("made_with", "digest")})
    _lose(path / "cache.json", "gone")
    extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2)
    assert sound_manifest(path)["made_with"] == {}
    assert verify_cache(path) == []


def test_shards_that_were_made_otherwise_are_like_nothing_that_is_here(drawn, tmp_path, edited):
    edited("then")
    path = extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2).path
    file = path / "shard-00001.json"
    facts = read_sealed(file)
    facts["made_with"] |= {"code": {FAMILY: "between"}, "torch": "1.0"}
    write_sealed(file, {k: v for k, v in facts.items() if k != "digest"})
    silent = read_sealed(path / "shard-00000.json")
    kept = {k: v for k, v in silent.items() if k not in ("made_with", "digest")}
    write_sealed(path / "shard-00000.json", kept)
    before = sound_manifest(path)["made_with"]["torch"]
    _lose(path / "cache.json", "gone")
    extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2)
    told = sound_manifest(path)["made_with"]
    assert told["code"] == {FAMILY: "between and then"}
    assert told["torch"] == f"1.0 and {before}"
    (path / "shard-00002.h5").unlink()
    with pytest.raises(CacheError, match="were made with torch 1.0 and "):
        extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2)


def test_a_shard_notes_the_calls_that_made_it(drawn, tmp_path):
    path = begin(drawn, tmp_path / "a", batch_size=4)
    extract(drawn, tiny(), tmp_path / "a", device=CPU, shard_size=2, batch_size=3)
    noted = [read_sealed(path / f"shard-0000{n}.json")["made_with"] for n in range(3)]
    assert [each["batch_size"] for each in noted] == [4, 3, 3]
    assert sound_manifest(path)["made_with"]["batch_size"] == 4


def _lose(file, how):
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-20])
