"""Typed as a new user: what is wrong is one line that says what was seen and what to type."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.models import get_model

from tests.e2e.conftest import FEATURES, Chain, Type
from tests.e2e.test_bad_input import one_line

PROGRAM = "python -m pipeline"
BIG = str(2**70)


@pytest.fixture
def things(chain: Chain, tmp_path: Path) -> dict[str, Path]:
    """What is given in the place of something else, by the names that the tables below use."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "date.toml").write_text("[optimiser]\nlr = 2024-01-01\n")
    (tmp_path / "time.toml").write_text('phases = ["a", 07:32:00]\n')
    (tmp_path / "latin.toml").write_bytes(b'about = "na\xefve"\n')
    (tmp_path / "text").write_text("so")
    Image.new("RGB", (9, 9)).save(tmp_path / "picture.jpg")
    with torch.random.fork_rng():
        save_file(get_model("squeezenet1_1").state_dict(), tmp_path / "squeeze.safetensors")
    made = {"CACHE": chain.cache, "RUN": chain.run, "DATA": chain.data, "WORK": chain.work}
    return made | {file.stem.upper(): file for file in tmp_path.iterdir() if file.suffix != ".toml"}


def typed(words: str, things: dict[str, Path]) -> list[str]:
    """The words, those in capitals replaced by what they stand for; ``''`` is an empty one."""
    found = [things.get(word, word) for word in words.split()]
    return ["" if word == "''" else str(word) for word in found]


NO_COMMAND = [
    ("feature", ["no command 'feature': did you mean 'features'?"]),
    ("FeatureS", ["did you mean 'features'?"]),
    ("my-pictures", ["no command 'my-pictures', and nothing is there of this name"]),
    ("help", [f"`{PROGRAM} --help`"]),
    ("DATA", ["is a folder of pictures; with", f"`{PROGRAM} features "]),
    ("CACHE", ["is a feature cache; with", f"`{PROGRAM} train ", "--data DATA`"]),
    ("RUN", ["is a run; with", f"`{PROGRAM} evaluate "]),
    ("WORK", ["is a work folder; with", f"`{PROGRAM} list --work "]),
    ("PICTURE", ["picture.jpg is a picture; with", f"`{PROGRAM} features "]),
    ("cache CACHE", ["no command", f"perhaps `{PROGRAM} cache info "]),
    ("run RUN", ["no command", f"perhaps `{PROGRAM} run info "]),
    ("run inof RUN", ["no command 'inof'", "did you mean 'info'"]),
    ("recipes vse++", [f"perhaps `{PROGRAM} recipes show vse++`"]),
    ("recipes show", ["Missing argument 'NAME'", f"such as `{PROGRAM} recipes show vse++"]),
]
MISSING = [
    ("features", ["Missing argument 'DATA'", f"such as `{PROGRAM} features my-pictures "]),
    ("train CACHE", ["Missing option '--data'", f"such as `{PROGRAM} train ", "--data flickr8k"]),
    ("train", ["Missing option '--data'", f"such as `{PROGRAM} train "]),
    ("evaluate", ["Missing argument 'RUN...'", f"such as `{PROGRAM} evaluate work/runs/NAME`"]),
    ("cache verify", ["Missing argument 'CACHE'", f"such as `{PROGRAM} cache verify "]),
    ("scenes", ["Missing argument 'DIR'", f"such as `{PROGRAM} scenes my-scenes "]),
]
SOMETHING_ELSE = [
    ("features RUN", ["is a run, not a folder of pictures", f"`{PROGRAM} evaluate "]),
    ("features CACHE", ["is a feature cache, not a folder of pictures", f"`{PROGRAM} train "]),
    ("features WORK", ["is a work folder, not a folder of pictures", f"`{PROGRAM} list "]),
    ("features DATA --like CACHE", ["is a feature cache, not a run"]),
    ("train RUN --data DATA", ["is a run, not a feature cache", f"`{PROGRAM} evaluate "]),
    ("train DATA --data DATA", ["is a folder of pictures, not a feature cache", "features "]),
    ("train PICTURE --data DATA", ["is a picture, not a feature cache"]),
    ("train SHARD --data DATA", ["is a part of a feature cache; give its folder"]),
    ("train WORK --data DATA", ["is a work folder, not a feature cache", "list --work"]),
    ("train CACHE --data CACHE", ["is a feature cache, not a folder of pictures"]),
    ("train CACHE --data RUN", ["is a run, not a folder of pictures"]),
    ("train NEAR --data DATA", ["is not there", "did you mean", "or make a feature cache with"]),
    ("evaluate CACHE", ["is a feature cache, not a run", f"`{PROGRAM} train "]),
    ("evaluate DATA", ["is a folder of pictures, not a run", f"`{PROGRAM} features "]),
    ("evaluate MODEL", ["is a part of a run; give its folder"]),
    ("evaluate RUN --cache RUN", ["is a run, not a feature cache"]),
    ("evaluate RUN --data RUN", ["is a run, not a folder of pictures"]),
    ("cache info RUN", ["is a run, not a feature cache"]),
    ("run verify CACHE", ["is a feature cache, not a run"]),
    ("evaluate nowhere/at/all", ["is not there; make a run with"]),
]
ODD = [
    ("features DATA --backbon vgg19", ["No such option '--backbon'", "--backbone"]),
    ("features DATA --backbone ResNet50", ["did you mean 'resnet50'?"]),
    ("features DATA --backbone ''", ["unknown backbone ''"]),
    ("features ''", ["'DATA': it is empty"]),
    ("features DATA --work TEXT", ["'--work': ", "is a file, and a folder", "--work FOLDER"]),
    ("features DATA --work text/inner", ["'--work': text is a file"]),
    ("features DATA --need dve", ["unknown split 'dve': did you mean 'dev'"]),
    ("scenes TEXT", ["is a file, and a folder is needed"]),
    (f"scenes new --train {BIG}", ["'--train'", "is not in the range"]),
    ("train CACHE --data ''", ["'--data': it is empty"]),
    ("train CACHE --data DATA --recipe vsee++", ["did you mean 'vse++'"]),
    ("train CACHE --data DATA --recipe VSE++", ["did you mean 'vse++'?"]),
    ("train CACHE --data DATA --recipe ''", ["unknown recipe ''"]),
    ("train CACHE --data DATA --recipe folder.toml", ["folder.toml is not a regular file"]),
    ("train CACHE --data DATA --recipe latin.toml", ["latin.toml is not TOML", "utf-8"]),
    ("train CACHE --data DATA --recipe date.toml", ["optimiser.lr = 2024-01-01: a date is no"]),
    ("train CACHE --data DATA --recipe time.toml", ["phases = 07:32:00: a time is no value"]),
    ("train CACHE --data DATA --set margin", ["'margin': write it as key=value, such as --set"]),
    ("train CACHE --data DATA --set =3", ["write it as key=value"]),
    ("train CACHE --data DATA --set lr=nan", ["optimiser.lr = 'nan'", "finite"]),
    ("train CACHE --data DATA --set lr=NaN", ["optimiser.lr = nan", "finite"]),
    ("train CACHE --data DATA --set epochs=", ["epochs = ''"]),
    (f"train CACHE --data DATA --set epochs={BIG}", [f"epochs = {BIG}: a whole number here is"]),
    (f"train CACHE --data DATA --set batch_size={BIG}", ["below 2^63"]),
    (f"train CACHE --data DATA --set epochs={'9' * 5000}", ["epochs = '9999", "999...: "]),
    ("train CACHE --data DATA --set embed_dim=1e9", ["embed_dim", "less than or equal to 65536"]),
    ("train CACHE --data DATA --set word_dim=1e9", ["word_dim", "less than or equal to 65536"]),
    (f"train CACHE --data DATA --seed {BIG}", [f"seed = {BIG}: choose 0 or more, below 2^63"]),
    ("train CACHE --data DATA --seed -1", ["seed = -1: choose 0 or more"]),
    ("train CACHE --data DATA --device tpu", ["unknown --device 'tpu'", "use --device auto"]),
    ("evaluate RUN --split tset", ["unknown split 'tset': did you mean 'test'"]),
    ("evaluate RUN --split ''", ["unknown split ''"]),
    ("evaluate RUN --measures Recall", ["did you mean 'recall'?"]),
]


@pytest.mark.parametrize(("words", "said"), [*NO_COMMAND, *MISSING, *SOMETHING_ELSE, *ODD])
def test_it_is_one_line_that_says_what_to_type(
    tencrop: Type, things: dict[str, Path], words: str, said: list[str]
) -> None:
    things |= {
        "SHARD": things["CACHE"] / "shard-00000.h5",
        "MODEL": things["RUN"] / "model.safetensors",
        "NEAR": things["CACHE"].with_name(things["CACHE"].name[:-1]),
    }
    found = tencrop(*typed(words, things))
    one_line(found, *said)
    assert found.out == ""
    assert "unexpected" not in found.err
    assert len(found.err) < 1200


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("squeeze.safetensors", "they are squeezenet1_1's: give --backbone squeezenet1_1"),
        ("folder.safetensors", "is not a regular file"),
        ("none.safetensors", "no weights at none.safetensors"),
        ("", "unknown weights ''"),
    ],
)
@pytest.mark.usefixtures("things")
def test_weights_that_are_none_or_another_network_s(
    tencrop: Type, chain: Chain, weights: str, said: str
) -> None:
    found = tencrop("features", chain.data, "--backbone", "alexnet", "--weights", weights)
    one_line(found, said)


def test_whole_numbers_of_stage_one_have_an_end(tencrop: Type, chain: Chain) -> None:
    found = tencrop("features", chain.data, *FEATURES, "--batch-size", BIG)
    one_line(found, "batch_size", "below 2^63")


def test_a_split_is_known_by_its_other_names(tencrop: Type, chain: Chain) -> None:
    for name in ("dev", "Validation", "val"):
        found = tencrop("evaluate", chain.run, "--split", name)
        assert found.code == 0, found.err
        assert found.out.startswith("val: ")


def test_an_empty_protocol_is_the_usual_one(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    words = ("evaluate", chain.run, "--out", tmp_path / "out")
    assert tencrop(*words).code == 0
    assert (
        "nothing that the answer follows from has changed" in tencrop(*words, "--protocol", "").err
    )
