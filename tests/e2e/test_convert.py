"""`convert --trust-pickle`: VSE++'s checkpoints, as torch and pickle would have written them."""

import argparse
import json
import pickle
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.splitting import tokenise
from core.text import Vocabulary
from pipeline.foreign import reading
from pipeline.foreign.reading import Foreign
from pipeline.foreign.vsepp import fitting
from pipeline.leaks.alike import UNKNOWN
from tests.e2e.conftest import Said, Type
from tests.e2e.test_bad_input import one_line
from tests.forked import script
from tests.stored import KINDS, WORDS, corpus

DIM, WIDTH, WORD_DIM = 12, 8, 6
SPOKEN = ["<pad>", "<start>", "<end>", "<unk>", "of", *reversed(WORDS), "a"]
SPOKEN += [f"kind{kind}" for kind in range(KINDS - 1)]  # one is unknown
OPTIONS = {"margin": 0.2, "embed_size": DIM, "measure": "cosine", "max_violation": True}


class Trap:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("unpickled",))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return corpus(tmp_path / "pre")


@pytest.fixture
def cache(tencrop: Type, data: Path) -> Path:
    return Path(tencrop("cache", "import", data).last)


@pytest.fixture
def in_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of its own begins with what is imported here: a Python with torch takes long."""
    monkeypatch.setattr(reading, "subprocess", types.SimpleNamespace(run=script))


def sides(seed: int = 3) -> list[OrderedDict[str, torch.Tensor]]:
    """The two state dicts of VSE++, drawn."""
    torch.manual_seed(seed)
    fc, embed = torch.nn.Linear(WIDTH, DIM), torch.nn.Embedding(len(SPOKEN), WORD_DIM)
    rnn = torch.nn.GRU(WORD_DIM, DIM, 1, batch_first=True)
    image = OrderedDict((f"fc.{name}", value) for name, value in fc.state_dict().items())
    text = OrderedDict((f"embed.{name}", value) for name, value in embed.state_dict().items())
    text.update((f"rnn.{name}", value) for name, value in rnn.state_dict().items())
    return [image, text]


def checkpoint(folder: Path, model: Any = None, *, zipped: bool = True, **options: Any) -> Path:
    file = folder / "model_best.pth.tar"
    content = {
        "epoch": 23,
        "model": sides() if model is None else model,
        "best_rsum": np.float64(301.5),
        "opt": argparse.Namespace(**{**OPTIONS, **options}),
        "Eiters": 4711,
    }
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    return file


def vocabulary(folder: Path, words: list[str] | None = None, protocol: int = 2) -> Path:
    """A pickle of an object of a class ``vocab.Vocabulary``, which nobody has afterwards."""
    file = folder / "vocab.pkl"
    module = types.ModuleType("vocab")
    kind = type("Vocabulary", (), {"__module__": "vocab"})
    module.Vocabulary = kind  # type: ignore[attr-defined]
    there = kind()
    known = SPOKEN if words is None else words
    there.word2idx = {word: number for number, word in enumerate(known)}  # type: ignore[attr-defined]
    there.idx2word = dict(enumerate(known))  # type: ignore[attr-defined]
    there.idx = len(known)  # type: ignore[attr-defined]
    sys.modules["vocab"] = module
    try:
        file.write_bytes(pickle.dumps(there, protocol))
    finally:
        del sys.modules["vocab"]
    return file


def converted(tencrop: Type, file: Path, words: Path, cache: Path, *more: object) -> Said:
    out = file.parent / "run"
    typed = ("--vocab", words, "--cache", cache, "--out", out, *more)
    said = tencrop("convert", "--trust-pickle", file, *typed)
    assert said.code == 0, said.err
    return said


def forward(model: Any, values: Any, texts: list[str], *, scaled: bool = False) -> tuple[Any, Any]:
    """VSE++'s two encoders by hand, in float64 but for the GRU's own step, which is written out."""
    image, text = ({k: v.double().numpy() for k, v in side.items()} for side in model)
    if scaled:
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
    pictures = values.astype(np.float64) @ image["fc.weight"].T + image["fc.bias"]

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    captions = []
    for told in texts:
        words = ["<start>", *tokenise(told), "<end>"]
        state = np.zeros(DIM)
        for word in words:
            number = SPOKEN.index(word) if word in SPOKEN else SPOKEN.index("<unk>")
            into = text["rnn.weight_ih_l0"] @ text["embed.weight"][number] + text["rnn.bias_ih_l0"]
            over = text["rnn.weight_hh_l0"] @ state + text["rnn.bias_hh_l0"]
            r, z = (
                sigmoid(into[k * DIM : (k + 1) * DIM] + over[k * DIM : (k + 1) * DIM])
                for k in (0, 1)
            )
            new = np.tanh(into[2 * DIM :] + r * over[2 * DIM :])
            state = (1 - z) * new + z * state
        captions.append(state)
    both = pictures, np.array(captions)
    return tuple(side / np.linalg.norm(side, axis=1, keepdims=True) for side in both)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("zipped", "protocol"), [(True, pickle.HIGHEST_PROTOCOL), (False, 2), (False, 0)]
)
def test_a_run_whose_vectors_are_those_of_the_foreign_model(
    tencrop: Type, tmp_path: Path, data: Path, cache: Path, zipped: bool, protocol: int
) -> None:
    words = vocabulary(tmp_path, protocol=protocol)
    said = converted(tencrop, checkpoint(tmp_path, zipped=zipped), words, cache, "--data", data)
    assert said.last == str(tmp_path / "run")
    assert "what it was trained on is not known" in said.err
    assert tencrop("run", "verify", said.last).code == 0
    asked = tencrop("evaluate", said.last)
    assert asked.code == 0, asked.err
    assert "was trained and chosen on is not known" in asked.err
    assert "epoch 23 of 23, finished" in asked.out
    folder = Path(said.last) / "eval-test"
    report = json.loads((folder / "report.json").read_text())
    assert (report["trained_on"], report["chosen_on"]) == (None, None)
    leaks = report["leaks"]
    assert (leaks["identical"], leaks["captions"]["same"]) == (None, None)
    assert leaks["alike"]["why"] == leaks["captions"]["why"] == UNKNOWN
    assert leaks["unknown_words"]["unseen"] > 0
    texts = (data / "test_caps.txt").read_text().splitlines()
    pictures, captions = forward(sides(), np.load(data / "test_ims.npy"), texts)
    with np.load(folder / "embeddings.npz") as made:
        assert made["image_vector"] == pytest.approx(pictures, abs=2e-6)
        assert made["caption_vector"] == pytest.approx(captions, abs=2e-6)
    right = (captions @ pictures.T).argmax(axis=1) == np.arange(75) // 5
    assert report["t2i"]["r1"] == pytest.approx(100 * right.mean())
    config = json.loads((Path(said.last) / "config.json").read_text())
    assert config["given"]["converted"]["facts"]["opt"] == OPTIONS
    assert config["given"]["converted"]["facts"]["best_rsum"] == 301.5
    listed = tencrop("list", "--work", tmp_path).out
    assert "run" in listed


@pytest.mark.usefixtures("in_a_fork")
def test_a_cnn_that_was_not_tuned_is_left_out(
    tencrop: Type, tmp_path: Path, data: Path, cache: Path
) -> None:
    model = sides()
    model[0]["cnn.module.features.0.weight"] = torch.zeros(2, 2)
    file = checkpoint(tmp_path, model)
    run = converted(tencrop, file, vocabulary(tmp_path), cache)
    said = tencrop("evaluate", run.last, "--data", data, "--cache", cache)
    assert said.code == 0, said.err
    folder = Path(said.err.split("written: ")[1].split("/report.json")[0])
    texts = (data / "test_caps.txt").read_text().splitlines()
    pictures, _ = forward(model, np.load(data / "test_ims.npy"), texts, scaled=True)
    with np.load(folder / "embeddings.npz") as made:
        assert made["image_vector"] == pytest.approx(pictures, abs=2e-6)


def test_nothing_is_read_without_the_flag(tencrop: Type, tmp_path: Path) -> None:
    file = checkpoint(tmp_path)
    said = tencrop("convert", file, "--out", tmp_path / "out")
    one_line(said, "can run any program when it is read", "convert --trust-pickle")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["checkpoint", "vocabulary"])
def test_a_pickle_that_calls_something_is_refused_and_runs_nothing(
    tencrop: Type, tmp_path: Path, where: str
) -> None:
    file, words = checkpoint(tmp_path), vocabulary(tmp_path)
    if where == "checkpoint":
        torch.save({"model": sides(), "opt": Trap()}, file)
    else:
        words.write_bytes(pickle.dumps(Trap()))
    out = tmp_path / "out"
    said = tencrop("convert", "--trust-pickle", file, "--vocab", words, "--out", out)
    one_line(said, "asks for", "print", "save its state dicts alone")
    assert "unpickled" not in said.out + said.err
    assert not out.exists()


@pytest.mark.usefixtures("in_a_fork")
def test_another_formula_is_kept_as_what_it_is(tencrop: Type, tmp_path: Path, cache: Path) -> None:
    file, words = checkpoint(tmp_path, measure="order"), vocabulary(tmp_path)
    said = converted(tencrop, file, words, cache)
    assert "no run that `evaluate` takes: it compares by 'order', not by the cosine" in said.err
    kept = load_file(Path(said.last) / "weights.safetensors")
    assert sorted(kept)[:2] == ["image.fc.bias", "image.fc.weight"]
    assert torch.equal(kept["text.embed.weight"], sides()[1]["embed.weight"])
    facts = json.loads((Path(said.last) / "foreign.json").read_text())
    assert facts["facts"]["opt"] == {**OPTIONS, "measure": "order"}
    assert json.loads((Path(said.last) / "vocab.json").read_text())["words"] == SPOKEN
    one_line(tencrop("evaluate", said.last), "not a run")


def foreign(options: dict[str, Any], **extra: torch.Tensor) -> Foreign:
    model = {f"model.{n}.{key}": v for n, side in enumerate(sides()) for key, v in side.items()}
    tensors = model | {name.replace("__", "."): tensor for name, tensor in extra.items()}
    facts = {"epoch": 3, "opt": {**OPTIONS, **options}}
    return Foreign(Path("x.pth.tar"), tensors, facts, Vocabulary(tuple(SPOKEN), 1), {})


@pytest.mark.parametrize(
    ("options", "extra", "told"),
    [
        ({}, "", ""),
        ({"max_violation": False}, "", ""),
        ({"finetune": False}, "model.0.cnn.module.x", ""),
        ({"finetune": True}, "model.0.cnn.module.x", "its CNN was trained too"),
        ({"use_abs": True}, "", "--use_abs"),
        ({"no_imgnorm": True}, "", "--no_imgnorm"),
        ({}, "model.1.rnn.weight_ih_l0_reverse", "text.rnn.weight_ih_l0_reverse, which VSE++'s do"),
        ({}, "model.1.rnn.weight_ih_l1", "text.rnn.weight_ih_l1, which VSE++'s do not have"),
    ],
)
def test_what_is_a_run_and_what_is_not(options: dict[str, Any], extra: str, told: str) -> None:
    more = {extra.replace(".", "__"): torch.zeros(1)} if extra else {}
    found = fitting(foreign(options, **more))
    assert told in found.why
    assert bool(told) == bool(found.why)
    assert bool(found.tensors) != bool(told)


def test_a_checkpoint_of_something_else_is_no_run() -> None:
    other = Foreign(Path("x.pth"), {"classifier.weight": torch.zeros(1)}, {}, None, {})
    assert "it has no image.fc.bias, which VSE++'s have" in fitting(other).why


@pytest.mark.usefixtures("in_a_fork")
def test_a_checkpoint_without_a_tensor_is_refused_and_nothing_is_written(
    tencrop: Type, tmp_path: Path
) -> None:
    torch.save({}, tmp_path / "empty.pth.tar")
    out = tmp_path / "out"
    said = tencrop("convert", "--trust-pickle", tmp_path / "empty.pth.tar", "--out", out)
    one_line(said, "holds no tensors", "give the checkpoint that the training saved")
    assert not out.exists()


@pytest.mark.usefixtures("in_a_fork")
def test_without_features_and_words_it_is_kept_as_what_it_is(tencrop: Type, tmp_path: Path) -> None:
    file = checkpoint(tmp_path)
    said = tencrop("convert", "--trust-pickle", file, "--out", tmp_path / "one")
    assert "its vocabulary is not given: --vocab vocab.pkl" in said.err
    assert said.last == str(tmp_path / "one")
    words = ("--vocab", vocabulary(tmp_path))
    said = tencrop("convert", "--trust-pickle", file, *words, "--out", tmp_path / "two")
    assert "are not named: --cache" in said.err
    again = tencrop("convert", "--trust-pickle", file, "--out", tmp_path / "two")
    one_line(again, "is there already; choose another --out")


@pytest.mark.usefixtures("in_a_fork")
def test_a_vocabulary_in_json_as_scan_keeps_it(tencrop: Type, tmp_path: Path, cache: Path) -> None:
    words = tmp_path / "vocab.json"
    numbers = {word: number for number, word in enumerate(SPOKEN)}
    back = {str(number): word for word, number in numbers.items()}
    words.write_text(json.dumps({"word2idx": numbers, "idx2word": back, "idx": len(SPOKEN)}))
    said = converted(tencrop, checkpoint(tmp_path), words, cache)
    assert json.loads((Path(said.last) / "vocab.json").read_text())["words"] == SPOKEN


@pytest.mark.usefixtures("in_a_fork")
def test_words_and_features_of_another_model_are_refused(
    tencrop: Type, tmp_path: Path, data: Path, cache: Path
) -> None:
    file = checkpoint(tmp_path)
    said = converted(tencrop, file, vocabulary(tmp_path, SPOKEN[:-1]), cache)
    assert f"vectors of {len(SPOKEN)} words and the vocabulary {len(SPOKEN) - 1}" in said.err
    typed = ("--cache", cache, "--out", tmp_path / "other")
    swapped = vocabulary(tmp_path, ["x", *SPOKEN[:-1]])
    refused = tencrop("convert", "--trust-pickle", file, "--vocab", swapped, *typed)
    one_line(refused, "begins with x <pad> <start> <end>, not <pad> <start> <end> <unk>")
    wide = Path(tencrop("cache", "import", corpus(tmp_path / "wide", shape=(9,))).last)
    typed = ("--vocab", vocabulary(tmp_path), "--cache", wide, "--out", tmp_path / "other")
    one_line(tencrop("convert", "--trust-pickle", file, *typed), "takes features of 8 numbers")


@pytest.mark.usefixtures("in_a_fork")
@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_damaged_checkpoint_is_one_line(tencrop: Type, tmp_path: Path, cut: int) -> None:
    file = checkpoint(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    said = tencrop("convert", "--trust-pickle", file, "--out", tmp_path / "out")
    one_line(said, "cannot be read", "fetch them again")
