"""A cache with several layers: a run reads one of them, and knows nothing of the others."""

import json
import shutil
from pathlib import Path

import pytest

from core.store import FeatureCache
from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type
from tests.e2e.test_bad_input import one_line


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layers") / "work"


@pytest.fixture
def both(tencrop: Type, chain: Chain, work: Path) -> Path:
    """The scenes' cache of two layers; found again after the first test."""
    said = done(
        tencrop("features", chain.data, *FEATURES, "--layer", "scores,pooled", "--work", work)
    )
    assert Path(said.last).name.startswith("scenes-squeezenet1_1-pooled-scores-1crop-mean-")
    assert "512 (pooled) and 1,000 (scores) float32 numbers a picture" in said.err
    return Path(said.last)


def done(said: Said) -> Said:
    assert said.code == 0, said.err
    return said


def trained(tencrop: Type, chain: Chain, cache: Path, work: Path, *words: object) -> Path:
    given = ("--data", chain.data, *SMALL, *words, "--work", work)
    return Path(done(tencrop("train", cache, *given)).last)


def test_a_run_of_one_layer_is_asked_with_a_cache_that_has_only_that(
    tencrop: Type, chain: Chain, both: Path, work: Path
) -> None:
    assert FeatureCache(both).layers == {"pooled": (1, 512), "scores": (1, 1000)}
    done(tencrop("cache", "verify", both))
    run = trained(tencrop, chain, both, work)
    table = done(tencrop("evaluate", run, "--work", work)).out
    other = done(
        tencrop("evaluate", run, "--cache", chain.cache, "--out", work / "b", "--work", work)
    )
    assert other.out.replace(chain.cache.name[-8:], both.name[-8:]) == table
    config = {path: json.loads((path / "config.json").read_text()) for path in (run, chain.run)}
    assert config[run]["sources"]["image"]["made_by"]["layers"] == {"pooled": [512]}
    assert config[run]["sources"]["image"]["settings"]["layer"] == "pooled"
    assert config[run]["identity"]["encoders"] == config[chain.run]["identity"]["encoders"]
    model = [(path / "model.safetensors").read_bytes() for path in (run, chain.run)]
    assert model[0] == model[1]  # the features have the same bits


@pytest.mark.parametrize("layer", ["pooled", "scores"])
def test_features_like_a_runs_are_those_of_the_layers_that_it_reads(
    tencrop: Type, chain: Chain, both: Path, work: Path, layer: str
) -> None:
    run = trained(tencrop, chain, both, work, "--set", f"layer={layer}")
    said = done(tencrop("features", chain.data, "--like", run, "--work", work / "like"))
    assert tuple(FeatureCache(Path(said.last)).layers) == (layer,)
    if layer == "pooled":
        assert Path(said.last).name == chain.cache.name
    table = done(tencrop("evaluate", run, "--work", work)).out
    out = ("--out", work / f"like-{layer}")
    again = done(tencrop("evaluate", run, "--cache", said.last, *out, "--work", work))
    assert again.out.replace(said.last[-8:], both.name[-8:]) == table


def test_a_layer_that_is_not_there_is_told_with_the_way_out(
    tencrop: Type, chain: Chain, work: Path
) -> None:
    said = tencrop("train", chain.cache, "--data", chain.data, "--set", "layer=scores")
    one_line(said, "has the layers ['pooled'], not 'scores'", "`features --layer scores`")
    words = ("all", chain.data, *FEATURES, "--set", "layer=scores", "--work", work / "none")
    one_line(tencrop(*words), "reads the layer 'scores'", "give --layer scores")
    one_line(tencrop(*words, "--layer", "pooled,grid"), "'grid,pooled'", "give --layer scores")
    assert not (work / "none").exists()


def test_a_cache_with_more_layers_serves_who_reads_fewer(
    tencrop: Type, chain: Chain, both: Path, work: Path, tmp_path: Path
) -> None:
    mine = Path(shutil.copytree(both, tmp_path / "work" / "features" / both.name))
    words = ("all", chain.data, *FEATURES, "--recipe", "vse++", "--to", "features")
    said = done(tencrop(*words, "--work", tmp_path / "work"))
    assert Path(said.last) == mine
    assert f"{mine} has pooled among others: it is taken\n" in said.err
    more = done(tencrop(*words, "--set", "layer=pooled,scores", "--work", tmp_path / "work"))
    assert Path(more.last).name == chain.cache.name  # of the other all that is read would count
    shutil.rmtree(more.last)
    typed = done(tencrop("features", chain.data, *FEATURES, "--work", tmp_path / "work"))
    assert Path(typed.last).name == chain.cache.name


def test_a_run_goes_on_whatever_other_layers_there_are(
    tencrop: Type, chain: Chain, both: Path, work: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(chain.run, tmp_path / "run"))
    words = ("all", chain.data, *FEATURES, *SMALL, "--work", work, "--run", run)
    said = done(tencrop(*words, "--to", "train", "--layer", "pooled,scores"))
    assert f"{both}: complete" in said.err
    assert f"{run}: finished" in said.err
    said = tencrop(*words, "--to", "train", "--crops", 2)
    one_line(said, f"features for {run}", "crops 2 (trained on: 1)")
    one_line(
        tencrop(*words, "--to", "train", "--layer", "scores", "--set", "layer=scores"),
        "layer = pooled (now scores)",
    )
