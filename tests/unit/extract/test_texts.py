"""Vectors of captions: a cache like pictures', keyed by all that makes a vector."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from core.errors import CacheError, InputError, NumberError, SettingError
from core.records import Caption, Corpus, Image
from core.sources import TEXT as LAYER
from core.sources import CacheLayer, of_captions, text_sha256
from core.store import FeatureCache, verify_cache
from extract.texts.encoder import TextEncoder
from extract.texts.run import encode_captions
from extract.texts.settings import TextSettings
from extract.texts.spec import open_encoder

FILE = """
import numpy as np

def encode(texts):
    return np.array([[len(t), sum(map(ord, t)), t.count("a")] for t in texts], dtype=np.float32)
"""
TEXTS = ["a dog", "a cat", "a dog", "no letter", "two dogs run", "a cat", "the end"]


def corpus_of(texts):
    images = [Image(f"p{i}", None, "train") for i in range(len(texts))]
    captions = [(f"p{i}", Caption(f"p{i}#0", text)) for i, text in enumerate(texts)]
    return Corpus.build("tiny", images, captions)


@pytest.fixture
def corpus():
    return corpus_of(TEXTS)


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "own.py", FILE)


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def expected(text):
    return [len(text), sum(map(ord, text)), text.count("a")]


class Counting:
    """An encoder that keeps what it was given, and fails where it is told to."""

    def __init__(self, fail_at=None, error=KeyboardInterrupt):
        self.calls, self._fail_at, self._error = [], fail_at, error
        self.encoder = TextEncoder(
            "counting", "counting", {"by": "hand"}, self.encode, lambda error: f"it: {error!r}"
        )

    def encode(self, texts):
        self.calls.append(texts)
        if len(self.calls) == self._fail_at:
            raise self._error
        return np.array([expected(text) for text in texts], dtype=np.float32)


def settings(**given):
    return TextSettings(**{"shard_size": 3, "batch_size": 2} | given)


def test_each_caption_has_its_own_vector_by_its_id(corpus, file, tmp_path):
    path = encode_captions(corpus, open_encoder(f"{file}:encode"), tmp_path / "f", settings())
    assert path.name.startswith("tiny-own.encode-")
    cache = FeatureCache(path)
    source = CacheLayer(cache, LAYER)
    assert of_captions(source.made_by)
    assert source.shape == (1, 3)
    ids = [caption.id for caption in reversed(corpus.captions)]
    values = source.read(source.rows(ids))
    assert values.dtype == np.float32
    assert values[:, 0].tolist() == [expected(text) for text in reversed(TEXTS)]
    assert source.digests(source.rows(ids)) == [text_sha256(text) for text in reversed(TEXTS)]
    assert source.rows(["p0"]).tolist() == [-1]
    assert verify_cache(path) == []


def test_equal_sentences_of_a_shard_are_encoded_once(corpus, tmp_path):
    counting = Counting()
    encode_captions(corpus, counting.encoder, tmp_path, settings(shard_size=7))
    probe, *calls = counting.calls
    assert probe == ["a dog"]
    assert calls == [["a dog", "a cat"], ["no letter", "two dogs run"], ["the end"]]


def test_sentences_that_differ_in_case_alone_are_two(tmp_path):
    told = [("p0", Caption("p0#0", "A dog")), ("p0", Caption("p0#1", "a dog"))]
    pair = Corpus.build("tiny", [Image("p0", None, "train")], told)
    counting = Counting()
    encode_captions(pair, counting.encoder, tmp_path, settings())
    assert counting.calls[1:] == [["A dog", "a dog"]]


def test_what_is_complete_is_found_and_nothing_is_written(corpus, tmp_path):
    one = encode_captions(corpus, Counting().encoder, tmp_path, settings())
    before = {each: each.stat().st_mtime_ns for each in one.iterdir()}
    counting, told = Counting(), []
    two = encode_captions(
        corpus, counting.encoder, tmp_path, settings(), begun=lambda *each: told.append(each)
    )
    assert (one, told) == (two, [(one, 7)])
    assert counting.calls == [["a dog"]]
    assert before == {each: each.stat().st_mtime_ns for each in one.iterdir()}


@pytest.mark.parametrize(("call", "there"), [(2, 0), (3, 3), (4, 3), (5, 6)])
def test_interrupted_it_goes_on_to_the_same_bytes(corpus, tmp_path, call, there):
    whole = encode_captions(corpus, Counting().encoder, tmp_path / "whole", settings())
    first, again, told = Counting(fail_at=call), Counting(), []
    with pytest.raises(KeyboardInterrupt):
        encode_captions(corpus, first.encoder, tmp_path / "f", settings())
    path = encode_captions(
        corpus, again.encoder, tmp_path / "f", settings(), begun=lambda _, n: told.append(n)
    )
    assert told == [there]
    assert sum(map(len, again.calls)) - 1 <= 7 - there
    files = {each.name: each.read_bytes() for each in whole.iterdir() if each.is_file()}
    assert {each.name: each.read_bytes() for each in path.iterdir() if each.is_file()} == files


def test_progress_counts_captions(corpus, tmp_path):
    told = []
    encode_captions(
        corpus, Counting().encoder, tmp_path, settings(), progress=lambda *n: told.append(n)
    )
    done = [n for n, total in told if total == 7]
    assert done == sorted(done)
    assert (done[0], done[-1], len(done)) == (0, 7, len(told))


def test_shards_of_another_library_are_not_added_to(corpus, tmp_path):
    first = Counting(fail_at=4)
    with pytest.raises(KeyboardInterrupt):
        encode_captions(
            corpus, replace(first.encoder, libraries={"torch": "1"}), tmp_path, settings()
        )
    other = replace(Counting().encoder, libraries={"torch": "2"})
    with pytest.raises(CacheError, match=r"1 of the 3 shards .* with torch 1, and here is 2.*--wo"):
        encode_captions(corpus, other, tmp_path, settings())


def test_a_corpus_without_captions_is_refused(tmp_path):
    bare = Corpus.build("bare", [Image("p", None, "train")], [])
    with pytest.raises(InputError, match="bare has no captions to encode; add captions"):
        encode_captions(bare, Counting().encoder, tmp_path, settings())


FAULTS = {
    "return [1.0] * len(texts)": (InputError, r"float64 of shape \(1,\)"),
    "return np.zeros((len(texts), 3, 2))": (InputError, r"float64 of shape \(1, 3, 2\)"),
    "return np.zeros((len(texts), 0))": (InputError, r"of shape \(1, 0\)"),
    "return np.zeros((len(texts), 2), dtype=int)": (InputError, r"int64 of shape \(1, 2\)"),
    "return None": (InputError, r"object of shape \(\)"),
    "return [[1.0], [1.0, 2.0]]": (SettingError, r"own.py failed: ValueError"),
    "return np.zeros((len(texts) + 1, 2))": (InputError, "2 vectors for 1 caption"),
    "return np.zeros((1, len(texts)))": (InputError, "numbers|1 vector for 2 captions"),
    "return np.zeros((len(texts), len(texts)))": (InputError, "have 2 numbers, .* before 1"),
    "return np.full((len(texts), 2), np.nan)": (NumberError, "the caption 'p0#0': .*not finite"),
    "return np.full((len(texts), 2), 1e39)": (NumberError, "the caption 'p0#0': .*not finite"),
    "raise KeyError('x y')": (SettingError, r"own\.py failed, line 4: KeyError: 'x y'; mend"),
}


@pytest.mark.parametrize("body", FAULTS)
def test_a_fault_of_the_encoder_is_one_line_with_the_captions_ids(corpus, tmp_path, body):
    file = write(tmp_path / "own.py", f"import numpy as np\n\ndef encode(texts):\n    {body}\n")
    kind, said = FAULTS[body]
    with pytest.raises(kind, match=said) as raised:
        encode_captions(corpus, open_encoder(f"{file}:encode"), tmp_path / "f", settings())
    assert "'p0#0'" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "mend" in str(raised.value).rpartition(";")[2]


def test_the_captions_of_a_later_batch_are_named(corpus, tmp_path):
    broken = Counting(fail_at=3, error=ValueError("no"))
    with pytest.raises(SettingError, match=r"the captions 'p3#0' and 1 more: it: ValueError"):
        encode_captions(corpus, broken.encoder, tmp_path, settings(shard_size=7, batch_size=2))


def test_float16_holds_no_larger_numbers(corpus, tmp_path):
    encoder = replace(Counting().encoder, encode=lambda texts: np.full((len(texts), 2), 7e4))
    with pytest.raises(NumberError, match="float16"):
        encode_captions(corpus, encoder, tmp_path, settings(dtype="float16"))
    path = encode_captions(corpus, encoder, tmp_path, settings())
    assert FeatureCache(path).layers == {LAYER: (1, 2)}


def key(corpus, file, tmp_path, **given):
    encoder = open_encoder(f"{file}:encode")
    return FeatureCache(encode_captions(corpus, encoder, tmp_path / "f", settings(**given))).key


WEIGHED = """
import helper
import numpy as np

FILES = ["w.bin"]

def weights():
    return FILES

def encode(texts):
    return np.ones((len(texts), helper.WIDTH), dtype=np.float32)
"""


@pytest.fixture
def weighed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "helper", raising=False)
    home = tmp_path / "home"
    write(home / "helper.py", "WIDTH = 2\n")
    write(home / "w.bin", "weights")
    return write(home / "own.py", WEIGHED)


def test_another_key_where_anything_that_makes_a_number_is_another(corpus, weighed, tmp_path):
    keys = [key(corpus, weighed, tmp_path)]
    write(weighed.parent / "helper.py", "WIDTH = 2  # numbers\n")
    assert key(corpus, weighed, tmp_path) == keys[0]
    write(weighed.parent / "helper.py", "WIDTH = 1 + 1\n")
    keys.append(key(corpus, weighed, tmp_path))
    write(weighed.parent / "w.bin", "other weights")
    keys.append(key(corpus, weighed, tmp_path))
    write(weighed, WEIGHED.replace("np.ones", "2 * np.ones"))
    keys.append(key(corpus, weighed, tmp_path))
    keys.append(key(corpus_of([*TEXTS[:-1], "the very end"]), weighed, tmp_path))
    keys.append(key(corpus, weighed, tmp_path, dtype="float16"))
    assert len(set(keys)) == len(keys) == 6


def test_a_file_that_moved_and_other_batches_are_the_same_key(corpus, weighed, tmp_path):
    first = key(corpus, weighed, tmp_path)
    moved = weighed.parent.rename(tmp_path / "elsewhere") / weighed.name
    assert key(corpus, moved, tmp_path, shard_size=2, batch_size=7) == first


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("glove", r"'glove' names no sentence encoder; write --text sentence-transformers:NAME or"),
        ("own.py", r"write --text own\.py:encode"),
        ("none.py:encode", r"none\.py is not there; give the path"),
        ("{file}:encoder", r"no function 'encoder': did you mean 'encode'\? accepted: encode"),
        ("{file}:np", r"no function 'np': accepted: encode"),
    ],
)
def test_what_names_no_encoder_is_refused(file, spec, said):
    with pytest.raises(SettingError, match=said):
        open_encoder(spec.format(file=file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def encode(:\n", r"own\.py is no Python, line 1: .*; mend that line"),
        ("\n1 / 0\n", r"own\.py cannot be imported, line 2: ZeroDivisionError: .*; mend that line"),
        ("weights = 3\ndef encode(t): pass\n", r"weights is no list of files.*; return the paths"),
        ("def weights(): 1 / 0\ndef encode(t): pass\n", r"gives one, line 1: ZeroDivisionError"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path, text, said):
    file = write(tmp_path / "own.py", text)
    with pytest.raises(SettingError, match=said):
        open_encoder(f"{file}:encode")


def test_weights_that_are_not_there_are_named(tmp_path):
    file = write(tmp_path / "own.py", "weights = ['w.bin']\ndef encode(t): pass\n")
    with pytest.raises(FileNotFoundError) as raised:
        open_encoder(f"{file}:encode")
    assert raised.value.filename == str(tmp_path / "w.bin")


LIBRARY = """
import json
import numpy as np
from pathlib import Path

class SentenceTransformer:
    def __init__(self, name, device=None):
        assert device == "cpu"
        self.bias = json.loads((Path(name) / "config.json").read_text())["bias"]

    def encode(self, texts, *, batch_size, convert_to_numpy, show_progress_bar):
        assert convert_to_numpy and not show_progress_bar
        return np.array([[len(t) + self.bias, 1.0] for t in texts], dtype=np.float32)
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """What stands in for the library, which is large: a folder with options is a model."""
    write(tmp_path / "site" / "sentence_transformers.py", LIBRARY)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr("extract.texts.transformers.version", lambda name: "1.2")
    monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
    yield write(tmp_path / "small" / "config.json", '{"bias": 3}').parent
    sys.modules.pop("sentence_transformers", None)


def test_a_model_of_the_library_is_keyed_by_its_files(library, corpus, tmp_path):
    spec = f"sentence-transformers:{library}"
    path = encode_captions(corpus, open_encoder(spec), tmp_path / "f", settings())
    assert path.name.startswith("tiny-small-")
    cache = FeatureCache(path)
    values = cache.read(LAYER, cache.rows(["p3#0"]))
    assert values[0, 0].tolist() == [len("no letter") + 3, 1.0]
    made = cache.manifest["made_with"]
    assert made["settings"]["text"] == spec
    assert made["libraries"]["sentence-transformers"] == "1.2"
    write(library / "README.md", "no number follows from it")
    assert encode_captions(corpus, open_encoder(spec), tmp_path / "f", settings()) == path
    write(library / "config.json", '{"bias": 4}')
    assert encode_captions(corpus, open_encoder(spec), tmp_path / "f", settings()) != path


def test_a_model_of_the_hub_is_keyed_by_the_files_that_were_fetched(library, tmp_path, monkeypatch):
    for folder in ("onnx", "1_Pooling"):
        write(library / folder / "config.json", "{}")
    hub = f"""
def snapshot_download(name, *, local_files_only):
    assert (name, local_files_only) == ("sentence-transformers/small", True)
    return {str(library)!r}
"""
    write(tmp_path / "site" / "huggingface_hub.py", hub)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.delitem(sys.modules, "huggingface_hub")
    source = (tmp_path / "site" / "sentence_transformers.py").read_text()
    write(
        tmp_path / "site" / "sentence_transformers.py",
        source.replace("Path(name)", f"Path({str(library)!r})"),
    )
    found = open_encoder("sentence-transformers:small")
    assert (found.name, found.spec) == ("small", "sentence-transformers:small")
    write(library / "onnx" / "config.json", "another")
    assert open_encoder(found.spec).facts == found.facts
    write(library / "1_Pooling" / "config.json", "another")
    assert open_encoder(found.spec).facts != found.facts
    sys.modules.pop("huggingface_hub", None)


def test_a_model_that_cannot_be_loaded_is_one_line(library):
    with pytest.raises(InputError, match=r"encoder 'nowhere' cannot be loaded: .*; give a name"):
        open_encoder("sentence-transformers:nowhere")


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    told = r"needs the library .* not installed; type `pip install .*--text FILE\.py:FUNCTION"
    with pytest.raises(SettingError, match=told):
        open_encoder("sentence-transformers:all-MiniLM-L6-v2")
