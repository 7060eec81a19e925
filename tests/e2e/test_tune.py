"""`train --from RUN`: the CNN of a run is tuned, kept, found again, and asked with."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torchvision.models import get_model

from core.predictions import Embeddings
from core.sources import CacheLayer
from evaluate.judge import judge
from extract.learning import learning
from pipeline.memory.once import Once
from pipeline.searched.embedder import load as embedder
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.tuned.base import Base
from pipeline.tuned.pictures import pictures
from tests.e2e.conftest import FEATURES, SMALL, Chain, Type, typed
from tests.e2e.started import Started
from tests.interruption import metrics
from train.building import build, seeded
from train.origins import BACKBONE, SAID
from train.plan import Plan
from train.trained import load

TINY = ("--transform", "64:64")
LEARNS = ("--recipe", "vse++ft", "--set", "epochs=2", "--set", "batch_size=20")
FROZEN = ("--set", 'phase.main.rates={"cnn.*": 0.0}')


class Tuned(NamedTuple):
    data: Path
    work: Path
    cache: Path
    base: Path
    run: Path

    @property
    def words(self) -> tuple[object, ...]:
        return ("train", "--data", self.data, "--from", self.base, "--work", self.work, *LEARNS)


@pytest.fixture(scope="module")
def tuned(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    """A run on one crop of 64 pixels, and one that tuned its CNN for two epochs."""
    work = tmp_path_factory.mktemp("tuned") / "work"
    cache = typed("features", chain.data, *FEATURES, *TINY, "--work", work)
    base = typed("train", cache, "--data", chain.data, *SMALL, "--work", work)
    made = Tuned(chain.data, work, Path(cache), Path(base), Path())
    return made._replace(run=Path(typed(*made.words)))


@pytest.fixture
def moved(tuned: Tuned, tmp_path: Path) -> Tuned:
    """A copy of all of it, elsewhere."""
    home = tmp_path / "elsewhere"
    shutil.copytree(tuned.work, home / "work")
    shutil.copytree(tuned.data, home / tuned.data.name)
    work = home / "work"
    runs = (work / "runs" / run.name for run in (tuned.base, tuned.run))
    return Tuned(home / tuned.data.name, work, work / "features" / tuned.cache.name, *runs)


def test_the_backbone_has_torchvisions_names_and_another_key(tuned: Tuned, tencrop: Type) -> None:
    learnt, first = load_file(tuned.run / BACKBONE), get_model("squeezenet1_1", weights=None)
    assert learnt.keys() == first.state_dict().keys()
    before = learning("squeezenet1_1", "random")[1].state_dict()
    same = {name for name in learnt if torch.equal(learnt[name], before[name])}
    assert same == {"classifier.1.weight", "classifier.1.bias"}
    weights = ("--weights", tuned.run / BACKBONE, "--crops", 1, *TINY, "--work", tuned.work)
    said = tencrop("features", tuned.data, "--backbone", "squeezenet1_1", *weights)
    assert said.code == 0
    assert Path(said.last).name != tuned.cache.name


def test_it_is_found_again_and_says_what_it_began_with(tuned: Tuned, tencrop: Type) -> None:
    said = tencrop(*tuned.words)
    assert said.last == str(tuned.run)
    assert f"begins with {tuned.base}, epoch" in said.err
    assert f"{tuned.run}: finished, 2 epochs" in said.err
    assert f"evaluate {tuned.run} --work {tuned.work}" in said.err.splitlines()[-1]
    assert BACKBONE not in said.err


def test_frozen_it_sees_what_its_run_saw(tuned: Tuned) -> None:
    """Pixels through the CNN give the cached features' vectors, and so the same recall."""
    once, terms = Once(tuned.work), Terms(work=tuned.work)
    base = Base.of(tuned.base, once)
    outline = base.outline("vse++ft", [], once.known)
    corpus = once.corpus(tuned.data, "auto")
    source = pictures(corpus, CorpusAt(tuned.data), base, outline, terms, once.known)
    whole = base.outline("vse++ft", ["task.least_area=1"], once.known)
    varied = pictures(corpus, CorpusAt(tuned.data), base, whole, terms, once.known)
    seen = [each.read(np.arange(4), np.random.default_rng(0)) for each in (source, varied)]
    assert not np.array_equal(*seen)
    plan = Plan.of(corpus, {base.source: source}, outline, 0, base.start)
    _, cnn = learning("squeezenet1_1", "random", "64:64")
    device = torch.device("cpu")
    with seeded(0, device):
        built = build(plan, {"cnn": cnn}, device)
        built.learner.begin(built.data.train, {}, plan.start)
    ours = built.learner.task.predict(built.data.val)
    cached = {"image": _layer(once, tuned.cache)}
    theirs = load(tuned.base, device).predict(corpus.split("val"), cached)
    np.testing.assert_allclose(ours.image.value, theirs.image.value, atol=2e-5)
    np.testing.assert_array_equal(ours.caption.value, theirs.caption.value)
    assert judge(ours).scores() == pytest.approx(judge(theirs).scores())


def test_a_cnn_of_rate_0_is_the_one_that_was_begun_with(tuned: Tuned, tencrop: Type) -> None:
    run = tencrop(*tuned.words, *FROZEN).last
    said = tencrop("evaluate", run, "--work", tuned.work)
    assert said.code == 0
    assert f"{tuned.cache}: complete" in said.err


def test_it_is_asked_with_features_of_its_own_cnn(tuned: Tuned, tencrop: Type) -> None:
    first = tencrop("evaluate", tuned.run, "--work", tuned.work)
    assert (first.code, "rsum" in first.out) == (0, True)
    assert f"{tuned.run} tuned its CNN: extracting {tuned.data}" in first.err
    again = tencrop("evaluate", tuned.run, "--work", tuned.work)
    assert "complete, all 64 pictures are there" in again.err
    assert "nothing that the answer follows from has changed" in again.err
    assert again.out == first.out
    report = json.loads((tuned.run / "eval-test" / "report.json").read_text())
    assert report["encoders"]["image"]["weights"] == BACKBONE
    assert report["trained_on"] == 0


def test_a_new_picture_is_seen_by_the_tuned_cnn(tuned: Tuned, tencrop: Type) -> None:
    assert tencrop("evaluate", tuned.run, "--work", tuned.work).code == 0
    kept = Embeddings.load(tuned.run / "eval-test").image
    files = [next(tuned.data.rglob(str(name))) for name in kept.id[:2]]
    ours = embedder(tuned.run, work=tuned.work, device="cpu").image(files)
    np.testing.assert_allclose(ours, kept.value[:2], atol=1e-5)
    before = embedder(tuned.base, work=tuned.work, device="cpu").image(files)
    assert np.abs(ours - before).max() > 1e-3


def test_it_is_asked_about_other_pictures(tuned: Tuned, tencrop: Type, tmp_path: Path) -> None:
    other = tmp_path / "other"
    tencrop("scenes", other, "--train", 2, "--val", 2, "--test", 12, "--seed", 5)
    said = tencrop("evaluate", tuned.run, "--data", other, "--work", tuned.work)
    assert said.code == 0
    like = tencrop("features", other, "--like", tuned.run, "--work", tuned.work)
    assert "complete, all 16 pictures are there" in like.err


def test_it_is_listed_shown_and_verified(tuned: Tuned, tencrop: Type) -> None:
    (row,) = [
        line
        for line in tencrop("list", "--work", tuned.work).out.splitlines()
        if tuned.run.name in line
    ]
    assert "squeezenet1_1" in row
    assert tencrop("run", "verify", tuned.run).code == 0
    shown = json.loads(tencrop("run", "info", tuned.run).out)
    assert shown["identity"]["start"]["model"] == read_model(tuned.base)


def test_all_of_it_moves(moved: Tuned, tencrop: Type) -> None:
    said = tencrop("evaluate", moved.run, "--work", moved.work)
    assert said.code == 0
    assert (moved.run / "eval-test").is_dir()
    shutil.rmtree(moved.base)
    again = tencrop("evaluate", moved.run, "--work", moved.work, "--split", "val")
    assert again.code == 0
    assert tencrop("remove", moved.run, "--yes", "--work", moved.work).code == 0
    assert not moved.run.exists()


@pytest.mark.parametrize("lost", [BACKBONE, SAID])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_what_is_lost_is_found_by_verify_and_mended(
    moved: Tuned, tencrop: Type, lost: str, how: str
) -> None:
    whole = {name: (moved.run / name).read_bytes() for name in (BACKBONE, SAID)}
    if how == "gone":
        (moved.run / lost).unlink()
    else:
        (moved.run / lost).write_bytes(whole[lost][:-9])
    verified = tencrop("run", "verify", moved.run)
    assert verified.code == 1
    assert lost in verified.err
    assert tencrop("evaluate", moved.run, "--work", moved.work).code == 1
    assert tencrop(*moved.words).last == str(moved.run)
    assert {name: (moved.run / name).read_bytes() for name in (BACKBONE, SAID)} == whole


def test_it_can_be_begun_with_itself(tuned: Tuned, tencrop: Type) -> None:
    words = ("train", "--data", tuned.data, "--from", tuned.run, "--work", tuned.work)
    said = tencrop(*words, "--set", "epochs=1", "--set", "batch_size=20")
    assert said.code == 0
    assert Path(said.last) != tuned.run
    assert (Path(said.last) / BACKBONE).is_file()


def test_two_ranks_tune_it_as_one_process_does(tuned: Tuned, tmp_path: Path) -> None:
    one_step = [*tuned.words, "--set", "epochs=1", "--set", "batch_size=200"]
    for drawn_by_each_rank in ("image.dropout=0", "text.word_dropout=0"):
        one_step += ["--set", drawn_by_each_rank]
    alone, run = (tmp_path / name for name in ("alone", "run"))
    typed(*one_step, "--run", alone)
    ranks = Started(tmp_path / "said", [*map(str, one_step), "--run", str(run)], 2)
    try:
        assert ranks.codes() == [0, 0], ranks.err(0)
    finally:
        ranks.end()
    assert (ranks.out(0), ranks.out(1), ranks.err(1)) == (f"{run}\n", "", "")
    assert "on cpu, 2 processes of 1 thread" in ranks.err(0)
    one, two = metrics(alone), metrics(run)
    assert [row["examples"] for row in one] == [row["examples"] for row in two] == [200]
    assert two[0]["loss"] == pytest.approx(one[0]["loss"], rel=1e-5)
    theirs, ours = (load_file(each / BACKBONE) for each in (alone, run))
    before = learning("squeezenet1_1", "random")[1].state_dict()
    assert not torch.equal(ours["features.0.weight"], before["features.0.weight"])
    for name, weight in theirs.items():
        # Adam's first step is as long as the rate, whichever way rounding turns a gradient of 0.
        torch.testing.assert_close(ours[name], weight, rtol=0, atol=5e-5)
    assert (run / SAID).exists()


def refused(said: object, *words: str) -> None:
    assert said.code == 1, said.err
    last = said.err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    for word in words:
        assert word in last


def test_what_cannot_be_begun_with_is_refused(
    tuned: Tuned, tencrop: Type, tmp_path: Path, chain: Chain
) -> None:
    work = ("--work", tuned.work)
    rest = ("--data", tuned.data, *work)
    grid = ("--layer", "pooled,scores", "--crops", 1, "--backbone", "squeezenet1_1")
    both = tencrop("features", tuned.data, *grid, "--weights", "random", *TINY, *work).last
    two = tencrop("train", both, *rest, *SMALL, "--set", "layer=pooled,scores").last
    refused(tencrop("train", "--from", two, *rest), "reads 2 caches or layers", "vse++")
    scores = tencrop("train", both, *rest, *SMALL, "--set", "layer=scores").last
    refused(tencrop("train", "--from", scores, *rest), "reads the layer 'scores'")
    solved = tencrop("train", tuned.cache, *rest, "--recipe", "cca").last
    refused(tencrop("train", "--from", solved, *rest), "is of the task 'cca'")
    refused(tencrop("train", "--from", tuned.base, *rest, "--recipe", "vse++"), "--recipe vse++ft")
    refused(tencrop("train", tuned.cache, *rest, "--recipe", "vse++ft"), "--from RUN")
    every = ("all", tuned.data, "--backbone", "squeezenet1_1", "--weights", "random", *work)
    refused(tencrop(*every, "--recipe", "vse++ft"), "train --from RUN --data DATA")
    refused(tencrop(*tuned.words, "--set", "embed_dim=33"), "leave out", "embed_dim")
    half = shutil.copytree(tuned.base, tmp_path / "half")
    for name in ("last.json", "previous.json"):
        told = json.loads((half / name).read_text())
        told.pop("digest")
        (half / name).write_text(json.dumps({**told, "done": False}))
    refused(tencrop("train", "--from", half, *rest), "is not finished", "`train` command first")


def test_neither_caches_nor_a_run_and_both_are_wrong_usage(tuned: Tuned, tencrop: Type) -> None:
    rest = ("--data", tuned.data)
    for words in ((), (tuned.cache, "--from", tuned.base)):
        said = tencrop("train", *words, *rest)
        assert (said.code, "--from RUN" in said.err) == (1, True)


def test_pictures_that_are_not_there_or_cannot_be_read(moved: Tuned, tencrop: Type) -> None:
    first = sorted((moved.data / "images").glob("train-*"))[0]
    first.write_bytes(b"no picture")
    said = tencrop(*moved.words)
    assert said.code == 2
    assert first.name in said.err
    assert "--max-errors" in said.err
    accepted = tencrop(*moved.words, "--max-errors", "5", "--set", "epochs=1")
    assert accepted.code == 0
    assert json.loads((Path(accepted.last) / "metrics.jsonl").read_text())["examples"] == 39 * 5


def test_weights_that_are_gone(tuned: Tuned, tencrop: Type, tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    weights = load_file(tuned.run / BACKBONE)
    save_file({name: value * 1.01 for name, value in weights.items()}, file)
    given = ("--backbone", "squeezenet1_1", "--crops", 1, *TINY, "--work", tuned.work)
    cache = tencrop("features", tuned.data, *given, "--weights", file).last
    base = tencrop("train", cache, "--data", tuned.data, *SMALL, "--work", tuned.work).last
    file.unlink()
    words = ("train", "--data", tuned.data, "--from", base, "--work", tuned.work)
    refused(tencrop(*words), str(file), "there and run the same command again")


def read_model(run: Path) -> str:
    return str(json.loads((run / "last.json").read_text())["model_sha256"])


def _layer(once: Once, cache: Path) -> object:
    return CacheLayer(once.cache(cache), "pooled")
