"""`words CORPUS --without DATA`, and a training with what it made."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.sealed import read_sealed
from core.wordvectors import read_vectors, width_of
from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type
from tests.e2e.test_bad_input import one_line

FEW = ("--width", 12, "--min-count", 3)
VECTORS = ("--set", "text=vectors", "--set", "word_dim=8", "--set", "epochs=1")


@pytest.fixture
def words(tencrop: Type, chain: Chain, tmp_path: Path) -> Any:
    work = tmp_path / "work"

    def typed(*corpora: object, without: object = chain.data) -> Said:
        given = corpora or (chain.data,)
        return tencrop("words", *given, "--without", without, *FEW, "--work", work)

    return typed


def table(folder: Path, rows: list[str], name: str = "captions.csv") -> Path:
    folder.mkdir()
    (folder / name).write_text("\n".join(["image,caption", *rows, ""]))
    return folder


def held_captions(data: Path) -> list[tuple[str, str]]:
    listing = json.loads((data / "scenes.json").read_text())["pictures"]
    held = [each for each in listing if each["split"] in ("val", "test")]
    return [(Path(each["file"]).name, each["captions"][0]) for each in held]


def test_the_last_line_is_the_file_and_its_record_stands_beside(words: Any, chain: Chain) -> None:
    said = words()
    assert said.code == 0, said.err
    file = Path(said.last)
    assert said.out.splitlines() == [said.last]
    assert width_of(file) == 12
    record = read_sealed(file.with_name(f"{file.name}.json"))
    assert record["format"] == "tencrop-word-vectors/1"
    assert record["made_of"]["without"]["name"] == chain.data.name
    assert set(record["made_of"]["without"]["captions"]) == {"val", "test"}
    assert record["left_out"][0]["pictures"] == 24
    assert f"{record['words']} words of {record['captions']} captions of 40 pictures" in said.err
    assert "left out are 24 pictures of " in said.err
    first = file.read_text().splitlines()[1].split()[0]
    values = read_vectors(file, [first]).values
    assert np.isfinite(values).all()
    assert values.any()


def test_the_same_again_is_found_and_has_the_same_bits(words: Any) -> None:
    file = Path(words().last)
    bits, time = file.read_bytes(), file.stat().st_mtime_ns
    again = words()
    assert (Path(again.last), file.stat().st_mtime_ns) == (file, time)
    assert again.err.endswith(f"{file} is there\n")
    [line] = (file.parents[1] / "journal.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (entry["stage"], entry["what"], entry["outcome"]) == ("words", str(file), "done")
    assert (entry["bytes"], entry["items"]) == (len(bits), int(bits.split()[0]))
    file.write_bytes(bits[:-9])
    spoilt = words()
    assert "is not there as it was made: it is made anew" in spoilt.err
    assert file.read_bytes() == bits
    file.unlink()
    words()
    assert file.read_bytes() == bits
    Path(f"{file}.json").write_text("{}")
    words()
    assert file.read_bytes() == bits


def test_what_is_held_makes_no_difference(words: Any, chain: Chain, tmp_path: Path) -> None:
    """Captions of held pictures, and such as held ones, in whatever corpus: the same vectors."""
    held = held_captions(chain.data)
    rows = [f'{name},"A quite other sentence of zebras"' for name, _ in held]
    rows += [f'new{k}.jpg,"{text.upper()}"' for k, (_, text) in enumerate(held)]
    other = table(tmp_path / "other", rows)
    alone, both = words(), words(chain.data, other)
    assert Path(alone.last).read_bytes() == Path(both.last).read_bytes()
    assert alone.last != both.last
    assert "other: 48 pictures, 48 captions; left out are 24 pictures" in both.err


def test_out_is_where_it_is_said_and_nothing_is_written_over(
    tencrop: Type, words: Any, chain: Chain, tmp_path: Path
) -> None:
    place = tmp_path / "mine.vec"
    typed = ("words", chain.data, "--without", chain.data, "--out", place)
    said = tencrop(*typed, *FEW)
    assert (said.code, said.last) == (0, str(place))
    assert place.read_bytes() == Path(words().last).read_bytes()
    assert tencrop(*typed, *FEW).code == 0
    other = tencrop(*typed, "--width", 9, "--min-count", 3)
    assert other.code == 1
    assert "is there, and is not made of this; choose another --out" in other.err
    (tmp_path / "else.vec.json").write_text('{"a": 1}')
    taken = tencrop(*typed[:-1], tmp_path / "else.vec", *FEW)
    assert taken.code == 1
    assert (tmp_path / "else.vec.json").read_text() == '{"a": 1}'


def test_what_is_refused(words: Any, tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    train = table(tmp_path / "train", ["a.jpg,A dog", "b.jpg,A cat"])
    one_line(words(tmp_path / "none"))
    (tmp_path / "photos" / "images").mkdir(parents=True)
    shutil.copy(chain.data / "images" / held_captions(chain.data)[0][0], tmp_path / "photos/images")
    (tmp_path / "photos" / "captions.csv").write_text(
        f"image,split,caption\n{held_captions(chain.data)[0][0]},train,A dog\n"
    )
    said = words(train, without=tmp_path / "photos")
    one_line(said)
    assert "so nothing would be left out" in said.err
    few = words(train)
    assert few.code == 1
    assert "give a smaller --width or --min-count" in few.err.splitlines()[-1]
    assert tencrop("words", chain.data).code == 1


def train(tencrop: Type, chain: Chain, file: Path, work: Path) -> Said:
    said = tencrop(
        *("train", chain.cache, "--data", chain.data, *SMALL, *VECTORS),
        *("--set", f"files={file}", "--work", work),
    )
    assert said.code == 0, said.err
    return said


def test_a_training_tells_what_was_found_and_what_may_leak(
    tencrop: Type, words: Any, chain: Chain, tmp_path: Path
) -> None:
    file = Path(words().last)
    said = train(tencrop, chain, file, tmp_path / "work")
    assert f"{file} has " in said.err
    assert "chosen or tested on" not in said.err
    config = json.loads((Path(said.last) / "config.json").read_text())
    [name] = config["identity"]["settings"]["text"]["files"]
    assert config["given"]["word_files"] == {name: str(file)}
    again = train(tencrop, chain, file, tmp_path / "work")
    assert again.last == said.last
    assert "finished" in again.err
    moved = shutil.copy(file, tmp_path / "alone.vec")
    assert train(tencrop, chain, Path(moved), tmp_path / "work").last == said.last
    asked = tencrop("evaluate", said.last, "--work", tmp_path / "work")
    assert asked.code == 0, asked.err


def test_a_training_is_warned_of_vectors_that_were_made_without_another_corpus(
    tencrop: Type, words: Any, chain: Chain, tmp_path: Path
) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(chain.data, spoilt)
    listing = json.loads((spoilt / "scenes.json").read_text())
    next(e for e in listing["pictures"] if e["split"] == "test")["captions"][0] = "another word"
    (spoilt / "scenes.json").write_text(json.dumps(listing))
    file = Path(words(without=spoilt).last)
    said = train(tencrop, chain, file, tmp_path / "work")
    [line] = [line for line in said.err.splitlines() if "chosen or tested on" in line]
    assert line.startswith(f"{file} was made without the validation and test captions of spoilt")
    assert "are others in test: " in line
    record = Path(f"{file}.json")
    bits = record.read_bytes()
    record.write_bytes(bits[:-5])
    assert f"{record} cannot be read" in train(tencrop, chain, file, tmp_path / "work").err
    record.write_bytes(bits)
    file.write_text(file.read_text().replace("0.1", "0.2"))
    assert "is another file than" in train(tencrop, chain, file, tmp_path / "work").err


def test_a_file_that_is_not_there_is_refused_before_stage_one(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    words = ("--set", "text=vectors", "--set", "files=none.vec", "--work", tmp_path / "new")
    said = tencrop("all", chain.data, "--to", "train", *FEATURES, *words)
    one_line(said, "text.files: there is no file none.vec; give the path of a file of word vectors")
    assert not (tmp_path / "new" / "features").exists()
