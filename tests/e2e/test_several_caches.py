"""Several backbones, and recipes that want caches: made one after another by one command."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import extract.run
from pipeline.memory.remembered import Memory, read
from tests.e2e.conftest import SMALL, Chain, Said, Type
from tests.e2e.test_bad_input import one_line
from tests.faults.child import PARTS
from tests.faults.world import BACKBONE as SPECK
from tests.plugin_folder import added

TWO = ("--backbone", f"squeezenet1_1,{SPECK}", "--weights", "random", "--crops", 1)
RECIPE = f"""
about = "two networks, one of them in two views"
epochs = 2
[task]
name = "paired"
embed_dim = 32
[text]
name = "gru"
word_dim = 16
[features.one]
backbone = "{SPECK}"
crops = 1
[features.mirrored]
backbone = "{SPECK}"
crops = 2
[features.other]
backbone = "squeezenet1_1"
crops = 1
"""


@pytest.fixture(autouse=True)
def small_backbone() -> Iterator[None]:
    with added(PARTS):
        yield


@pytest.fixture
def mine() -> str:
    Path("mine.toml").write_text(RECIPE)
    return "mine.toml"


def made(said: Said) -> list[str]:
    """The names of the caches that were printed, without their keys."""
    assert said.code == 0, said.err
    return [Path(line).name.rpartition("-")[0] for line in said.out.splitlines()]


def names(*backbones: str) -> list[str]:
    return [f"scenes-{backbone}-mean" for backbone in backbones]


ONE, MIRRORED, OTHER = names(f"{SPECK}-1crop", f"{SPECK}-2crop", "squeezenet1_1-1crop")


def test_features_makes_one_after_another_and_finds_them(tencrop: Type, chain: Chain) -> None:
    said = tencrop("features", chain.data, *TWO)
    assert made(said) == [OTHER, ONE]
    assert said.err.count("scenes: 64 pictures, ") == 1
    assert said.err.count("64 pictures computed in") == 2
    next_one = f"next: python -m pipeline train {' '.join(said.out.split())} --data {chain.data}"
    assert said.err.splitlines()[-1] == next_one
    alone = tencrop("features", chain.data, "--backbone", SPECK, *TWO[2:])
    assert alone.out == said.out.splitlines(keepends=True)[1]
    again = tencrop("features", chain.data, *TWO)
    assert (again.out, "computed" in again.err) == (said.out, False)
    assert Path(said.last, "shard-00000.h5").is_file()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--backbone", "squeezenet1_1,squeezenet1_2"), ("did you mean 'squeezenet1_1'",)),
        (("--weights", "random,gone.pth"), ("gone.pth",)),
        (("--weights", "random,random,random"), ("random is of none", "typed twice")),
        (("--backbone", "squeezenet1_1,"), ("a name is missing beside a comma",)),
    ],
)
@pytest.mark.parametrize("command", ["features", "all"])
def test_what_a_later_one_lacks_is_refused_before_the_first_is_begun(
    tencrop: Type, chain: Chain, command: str, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    one_line(tencrop(command, chain.data, *TWO, *words), *parts)
    assert not Path("work").exists()


def test_what_was_interrupted_between_two_goes_on(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = extract.run.extract

    def ends(corpus: Any, backbone: Any, *rest: Any, **more: Any) -> Any:
        if backbone.name == SPECK:
            raise KeyboardInterrupt
        return plain(corpus, backbone, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(extract.run, "extract", ends)
        assert tencrop("all", chain.data, *TWO, "--to", "features").code == 130
    kept = read(Path("work")) or Memory()
    assert (kept.caches, kept.options()["backbone"]) == ((), (f"squeezenet1_1,{SPECK}",))
    said = tencrop("all", "--to", "features")
    assert made(said) == [OTHER, ONE]
    assert said.err.count("complete, all 64 pictures are there") == 1
    assert said.err.count("64 pictures computed in") == 1
    kept = read(Path("work")) or Memory()
    assert [f"work/{cache}" for cache in kept.caches] == said.out.split()


def test_each_picture_is_hashed_once(tencrop: Type, chain: Chain, opened: Counter[str]) -> None:
    assert tencrop("features", chain.data, *TWO).code == 0
    opened.clear()
    assert tencrop("features", chain.data, *TWO).code == 0
    assert (opened[".png"], opened[".h5"]) == (64, 2)


def test_pictures_left_out_end_stage_one_after_all_names(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(chain.data, tmp_path / "scenes"))
    next(data.glob("images/*.png")).write_bytes(b"no picture")
    alone = tencrop("all", data, *TWO, "--to", "features")
    assert (alone.code, len(alone.out.splitlines())) == (2, 2)
    shutil.rmtree("work")
    more = tencrop("all", data, *TWO, "--to", "train")
    assert (more.code, more.out) == (2, "")
    assert len(list(Path("work/features").iterdir())) == 1


def test_weights_of_each_are_remembered_as_files(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import safetensors.torch
    import torch
    from extract.backbones.speck import Speck

    torch.manual_seed(1)
    safetensors.torch.save_file(Speck().state_dict(), "odd,name.safetensors")
    words = ("--backbone", f"{SPECK},squeezenet1_1", "--weights", "odd,,name.safetensors,random")
    said = tencrop("all", chain.data, *words, "--crops", 1, "--to", "features")
    assert made(said) == [ONE, OTHER]
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    again = tencrop("all", "--to", "features", "--work", tmp_path / "work")
    assert [Path(line).name for line in again.out.split()] == [
        Path(line).name for line in said.out.split()
    ]
    assert f"--weights {tmp_path}/odd,,name.safetensors,random" in again.err.splitlines()[0]


class TestRecipe:
    def test_what_it_wants_is_made_and_told(self, tencrop: Type, chain: Chain, mine: str) -> None:
        words = ("all", chain.data, "--recipe", mine, "--weights", "random", "--to", "features")
        said = tencrop(*words)
        assert made(said) == [ONE, MIRRORED, OTHER]
        assert said.err.splitlines()[-1] == "next: python -m pipeline all --to train"
        typed = tencrop("all", "--to", "features", "--backbone", SPECK, "--crops", 1)
        assert made(typed) == [ONE]
        assert typed.err.splitlines()[1:4] == [
            f"left out of mine.toml: features.other, of squeezenet1_1, by --backbone {SPECK} "
            "(--backbone '': all it wants)",
            "--crops 1 goes before features.mirrored of mine.toml",
            "mine.toml: features.one and features.mirrored are one cache",
        ]
        again = tencrop("all", "--to", "features", "--backbone", "", "--crops", "")
        assert made(again) == [ONE, MIRRORED, OTHER]

    def test_what_is_no_option_of_stage_one_is_refused_first(
        self, tencrop: Type, chain: Chain, mine: str
    ) -> None:
        Path(mine).write_text(RECIPE.replace("crops = 2", "crop = 2"))
        for words in (("all", chain.data), ("train", chain.cache, "--data", chain.data)):
            said = tencrop(*words, "--recipe", mine)
            one_line(said, "mine.toml: features.mirrored: unknown key 'crop'", "'crops'")
        assert not Path("work").exists()

    def test_it_is_shown_with_them(self, tencrop: Type, mine: str) -> None:
        shown = tencrop("recipes", "show", mine).out
        assert "\n[features.mirrored] " in shown
        told = tencrop("train", "--help", "--recipe", mine).out
        assert "Caches that mine.toml wants" in told
        assert f"features.mirrored   backbone {SPECK}, crops 2" in told
        assert "Caches that" not in tencrop("train", "--help").out

    def test_train_notes_what_else_it_wants(self, tencrop: Type, chain: Chain, mine: str) -> None:
        said = tencrop("train", chain.cache, "--data", chain.data, "--recipe", mine, *SMALL)
        assert said.code == 0, said.err
        assert said.err.splitlines()[0] == (
            "mine.toml wants features.one and features.mirrored too, not given here; python -m "
            f"pipeline all {chain.data} --to train --recipe mine.toml "
            f"--weights DEFAULT,random {' '.join(SMALL)} makes and takes them all"
        )


def test_corpus_times_each_of_them(tencrop: Type, chain: Chain) -> None:
    said = tencrop("corpus", chain.data, *TWO[:2], "--crops", 1)
    assert said.code == 0, said.err
    times = [line for line in said.out.splitlines() if line.startswith("features with ")]
    assert [line.split()[2] for line in times] == ["squeezenet1_1,", f"{SPECK},"]
    one_line(tencrop("corpus", chain.data, "--backbone", "vgg19,vgg1"), "vgg1", "did you mean")
