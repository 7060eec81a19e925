"""One file is enough: a stranger's folder of parts is listed, tested and used as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.plugins import names, summary
from core.predictions import Embeddings
from evaluate.judge import judge
from pipeline import recipe_files
from tests.e2e.conftest import Type
from tests.e2e.guest_parts import BACKBONE, PARTS, write
from tests.forked import contracts
from tests.plugin_folder import ROOT, added

CONTRACTS = ROOT / "tests" / "contract"
HELD_BY = {
    "backbones": {BACKBONE},
    "corpora": {"guest_format"},
    "encoders": {"guest_image", "guest_text"},
    "losses": {"guest_loss"},
    "samplers": {"guest_sampler"},
    "optimisers": {"guest_optimiser"},
    "schedules": {"guest_schedule"},
    "measures": {"guest_measure"},
    "protocols": {"guest_protocol"},
    "recipes": {"guest_recipe"},
    "tasks": set[str](),
}
"""Which of the guest's parts each contract holds."""
SPLITS = ("train",) * 8 + ("val",) * 2 + ("test",) * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("guest"))


@pytest.fixture
def guests(folder: Path) -> Iterator[None]:
    """The guest's parts are there."""
    with added(folder):
        yield


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Twelve pictures in the guest's own format."""
    data = tmp_path / "corpus"
    (data / "shown").mkdir(parents=True)
    lines = []
    for number, split in enumerate(SPLITS):
        color = (number * 20, 99, 255 - number * 20)
        Image.new("RGB", (40, 30), color).save(data / "shown" / f"{number}.png")
        lines += [f"{split}|{number}.png|picture number {number}", f"{split}|{number}.png|it is"]
    (data / "guest.txt").write_text("\n".join(lines), encoding="utf-8")
    return data


@pytest.mark.usefixtures("guests")
def test_help_lists_each_part_and_its_options(tencrop: Type) -> None:
    train = " ".join(tencrop("train", "--help").out.split())
    for package, name in PARTS.items():
        if package.startswith(("train.", "evaluate.")):
            assert f" {name} {summary(package, name)} " in train
    assert " guest_recipe A guest's recipe: every part of it is a guest " in train
    for option in (
        "image.guest_width = 16 a whole number from 1 up to but not 4096; how wide",
        "text.guest_scale = 0.5 a number above 0 up to 2; how large the words begin",
        "loss.NAME.guest_heat = 0.1 a number above 0; what scores are divided by",
        "optimiser.guest_memory = 0.5 a number from 0 up to but not 1; how much",
    ):
        assert option in train
    choices = train.partition('image.name = "linear" ')[2].partition(";")[0]
    assert "guest_image" in choices.replace(" or ", ", ").split(", ")
    assert "With loss.NAME = guest_loss: A guest's loss: each pair is told" in train
    features = tencrop("features", "--help").out
    assert BACKBONE in features
    assert "guest_format" in features
    assert "guest_recipe" in tencrop("recipes").out
    own = " ".join(tencrop("train", "--help", "--recipe", "guest_recipe").out.split())
    assert "loss.told.guest_heat = 0.1 a number above 0" in own
    assert "With loss.NAME = hinge:" in own


@pytest.mark.usefixtures("guests")
def test_the_whole_chain_runs_on_the_guests_parts(
    tencrop: Type, corpus: Path, tmp_path: Path
) -> None:
    work = ("--work", tmp_path / "work", "--device", "cpu")
    cached = tencrop(
        "features", corpus, "--backbone", BACKBONE, "--weights", "random", "--crops", 1, *work
    )
    assert cached.code == 0, cached.err
    assert BACKBONE in cached.last
    trained = tencrop("train", cached.last, "--data", corpus, "--recipe", "guest_recipe", *work)
    assert trained.code == 0, trained.err
    judged = tencrop("evaluate", trained.last, *work)
    assert judged.code == 0, judged.err
    assert "test: 2 images, 4 captions" in judged.out

    asked = tencrop("evaluate", trained.last, "--measures", "recall,guest_measure", *work)
    assert asked.code == 0, asked.err
    assert "guest" in asked.out
    asked = tencrop("evaluate", trained.last, "--protocol", "guest_protocol", *work)
    assert asked.code == 0, asked.err
    assert (Path(trained.last) / "eval-test-guest_protocol" / "report.json").is_file()
    listed = tencrop("evaluate", "--help").out
    assert "guest_measure" in listed
    assert "guest_protocol" in listed

    found = Embeddings.load(Path(trained.last) / "eval-test")
    measured = judge(found, {"measures": ["guest_measure"]})
    assert 50 <= measured.facts["t2i"]["guest_mrr"] <= 100
    lead = judge(found, {"factor": 3.0}, protocol="guest_protocol")
    scores = found.caption.value @ found.image.value.T
    own = scores[np.arange(4), found.owner]
    assert lead.score == pytest.approx(3 * float((own - scores.mean(axis=1)).mean()))


def test_the_contracts_take_each_part(folder: Path) -> None:
    there = {file.name.split("_")[1] for file in CONTRACTS.glob("test_*_contract.py")}
    assert there <= HELD_BY.keys(), "a new contract: say which guest it holds"
    code, out, _ = contracts("-v", "--plugins", folder, "-k", f"guest or {BACKBONE}")
    assert code == 0, out[-4000:]
    for kind in there:
        file = rf"^tests/contract/test_{kind}_contract\.py::"
        cases = " ".join(re.findall(rf"{file}\S+\[(.+)\] PASSED", out, re.MULTILINE))
        for name in HELD_BY[kind]:
            assert name in cases, f"no case of the contract of {kind} took {name}"


def test_once_the_folder_is_gone_so_are_its_parts(folder: Path) -> None:
    with added(folder):
        assert all(n in names(p) for p, n in PARTS.items() if p != "pipeline.recipes")
        assert "guest_recipe" in recipe_files.names()
    assert all(n not in names(p) for p, n in PARTS.items())
    assert "guest_recipe" not in recipe_files.names()
