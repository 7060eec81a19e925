"""A cache goes on in the manner in which it was begun: the engine, and crops a call."""

import pytest
import torch
from test_begun import begin
from test_run import CPU, contents, corpus, draw, extract, tiny
from torch.fx import GraphModule

from core.errors import CacheError
from core.sealed import write_sealed
from core.settings import validate
from core.store import FeatureCache, verify_cache
from core.store.manifest import sound_manifest
from extract import run
from extract.backbone import Calls
from extract.engine import choice
from extract.engine.choice import FUSED, PLAIN
from extract.manner import Manner, as_made_with, differences, manner_of
from extract.settings import FeatureSettings

WHICH = {True: FUSED, False: PLAIN}
HERE = Manner(2, FUSED, Calls(10, 40))


@pytest.fixture
def drawn(tmp_path):
    draw(tmp_path / "pictures", 6)
    return corpus(tmp_path / "pictures")


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def made_with(path):
    return sound_manifest(path)["made_with"]


def go_on(corpus, root, **options):
    """The end of an extraction, the engines that computed in it, and what was said."""
    said, took = [], []
    real = run.Extractor

    def watched(network, *given):
        took.append((WHICH[isinstance(network.trunk, GraphModule)], given[-2]))
        return real(network, *given)

    settings = validate(FeatureSettings, {"backbone": "tiny", **options}, "options")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "Extractor", watched)
        found = run.extract(corpus, tiny(), root, settings, device=CPU, say=said.append)
    assert verify_cache(found.path) == []
    return found, took, said


def test_a_cache_says_what_computed_it(drawn, tmp_path):
    for engine, name in (("auto", FUSED), ("fused", FUSED), ("plain", PLAIN)):
        path = extract(drawn, tiny(), tmp_path / engine, device=CPU, engine=engine).path
        told = made_with(path)
        assert (told["engine"], told["batch_size"], told["head_batch_size"]) == (name, 10, 10)
    path = extract(drawn, tiny(), tmp_path / "b", device=CPU, batch_size=3).path
    assert (made_with(path)["batch_size"], made_with(path)["head_batch_size"]) == (3, 3)


def test_the_engine_is_no_part_of_the_key(drawn, work):
    path = extract(drawn, tiny(), work, device=CPU, engine="plain").path
    before = contents(path)
    found, _, said = go_on(drawn, work)
    assert (found.path, found.reused, said) == (path, 6, [])
    assert contents(path) == before


@pytest.mark.parametrize(
    ("begun", "wanted", "kind"),
    [("plain", "auto", PLAIN), ("auto", "plain", FUSED)],
)
def test_an_interrupted_cache_keeps_its_engine(drawn, tmp_path, work, begun, wanted, kind):
    whole = extract(drawn, tiny(), tmp_path / "whole", device=CPU, engine=begun, shard_size=2)
    path = begin(drawn, work, engine=begun)
    told = made_with(path)
    found, took, said = go_on(drawn, work, engine=wanted)
    assert (found.path, found.reused, took) == (path, 2, [(kind, Calls(10, 10))])
    name = told["engine"]
    assert said == [f"{path} was begun with the engine {name}: going on with it, for the same bits"]
    assert made_with(path) == told
    assert all(
        (path / f"shard-0000{n}.h5").read_bytes() == (whole.path / f"shard-0000{n}.h5").read_bytes()
        for n in range(3)
    )


def test_a_cache_of_before_there_was_an_engine_goes_on_with_plain_torch(drawn, work):
    path = begin(drawn, work, engine="plain", batch_size=5)
    old = made_with(path)
    del old["engine"], old["head_batch_size"]
    old["settings"] |= {"batch_size": None}
    write_sealed(path / "cache.json", sound_manifest(path) | {"made_with": old})
    _, took, said = go_on(drawn, work)
    assert took == [(PLAIN, Calls(5, 5))]
    assert len(said) == 2
    assert (
        said[1] == f"{path} was begun with 5 crops a call: going on with as many, for the same bits"
    )
    assert made_with(path) == old


def test_crops_a_call_that_are_asked_for_are_taken(drawn, work):
    path = begin(drawn, work, batch_size=5)
    _, took, said = go_on(drawn, work, batch_size=2)
    assert took == [(FUSED, Calls(2, 2))]
    assert made_with(path)["batch_size"] == 5
    assert said == [
        f"{path} was begun with 5 crops a call: going on with 2 crops a call, for other last digits"
    ]
    assert go_on(drawn, work, batch_size=2)[2] == []


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (Calls(10, 10), "10 crops a call"),
        (Calls(10, 40), "10 crops a call (its head 40)"),
        (Calls(5, 80), "5 crops a call (its head 80)"),
    ],
)
def test_a_head_with_calls_of_its_own_is_gone_on_with_as_it_was(
    drawn, tmp_path, work, monkeypatch, own, told
):
    monkeypatch.setattr(run, "usual", lambda network, device: own)
    path = begin(drawn, work)
    whole = extract(drawn, tiny(), tmp_path / "whole", device=CPU, shard_size=2).path
    monkeypatch.setattr(run, "usual", lambda network, device: Calls(10, 80))
    _, took, said = go_on(drawn, work)
    assert took == [(FUSED, own)]
    assert said == [f"{path} was begun with {told}: going on with as many, for the same bits"]
    for number in range(3):
        file = f"shard-0000{number}.h5"
        assert (path / file).read_bytes() == (whole / file).read_bytes()


@pytest.mark.parametrize("engine", ["auto", "plain"])
def test_another_version_of_the_engine_is_refused(drawn, work, monkeypatch, engine):
    path = begin(drawn, work)
    before = contents(path)
    monkeypatch.setattr(choice, "FUSED", "fused/77")
    message = (
        f"begun with the engine {FUSED}: .* another version of it, and here is fused/77; go on"
    )
    with pytest.raises(CacheError, match=message):
        extract(drawn, tiny(), work, device=CPU, engine=engine)
    assert contents(path) == before


def test_where_the_engine_cannot_be_had_any_more_it_is_said(drawn, work, monkeypatch):
    begin(drawn, work)
    monkeypatch.setattr(choice, "missing", lambda: "torch 9 has no such operator")
    with pytest.raises(CacheError, match="torch 9 has no .*; go on where .*, or begin another"):
        extract(drawn, tiny(), work, device=CPU)


def test_plain_torch_in_place_of_the_fused_engine_is_said(drawn, work, monkeypatch):
    monkeypatch.setattr(choice, "missing", lambda: "torch 9 has no such operator")
    found, took, said = go_on(drawn, work)
    assert took == [(PLAIN, Calls(10, 10))]
    assert said == ["plain torch computes, not the fused engine: torch 9 has no such operator"]
    assert made_with(found.path)["engine"] == PLAIN
    assert go_on(drawn, work)[2] == []


def test_both_engines_give_the_same_numbers(drawn, tmp_path):
    values = []
    for engine in ("fused", "plain"):
        cache = FeatureCache(
            extract(drawn, tiny(), tmp_path / engine, device=CPU, engine=engine).path
        )
        values.append(torch.from_numpy(cache.read("pooled", cache.rows(cache.ids)).copy()))
    torch.testing.assert_close(values[0], values[1], rtol=1e-6, atol=1e-7)


def test_a_manner_is_told_and_read_back():
    assert manner_of(as_made_with(HERE), Manner(1, PLAIN, Calls(1, 1))) == HERE
    assert list(differences(HERE, HERE)) == []
    assert len(list(differences(HERE, Manner(1, PLAIN, Calls(1, 1))))) == 3


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, HERE._replace(engine=PLAIN)),
        ({"threads": 0, "engine": FUSED}, HERE),
        ({"threads": 1025, "engine": FUSED, "batch_size": "ten"}, HERE),
        ({"threads": "two", "engine": None, "batch_size": -1}, HERE._replace(engine=PLAIN)),
        ({"threads": 1024, "batch_size": 5}, Manner(1024, PLAIN, Calls(5, 5))),
        ({"batch_size": 5, "head_batch_size": None}, HERE._replace(engine=PLAIN)),
    ],
)
def test_what_no_one_can_have_meant_is_as_it_is_here(told, expected):
    assert manner_of(told, HERE) == expected
