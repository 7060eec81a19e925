"""A cache of other pictures is refused, and one of the same pictures taken."""

import os
from hashlib import sha256

import numpy as np
import pytest

from core.errors import CacheError
from core.provenance import check_same_pictures
from core.records import Corpus, Image
from core.store import FeatureCache, FeatureWriter
from tests.caches import fields_of


def corpus(folder, count):
    names = [f"p{number:03d}" for number in range(count)]
    return Corpus.build("tiny", [Image(name, folder / name, "train") for name in names], [])


@pytest.fixture
def cache(tmp_path):
    digests = [(f"p{n:03d}", sha256(f"p{n:03d}".encode()).hexdigest()) for n in range(16)]
    fields = fields_of(digests, {"pooled": [4]})
    with FeatureWriter.open(tmp_path / "caches", "tiny", fields, digests, shard_size=8) as writer:
        for number, part in writer.pending():
            features = np.zeros((len(part), 1, 4), dtype=np.float32)
            writer.commit(number, {"pooled": features}, {})
        return FeatureCache(writer.finish())


def test_another_corpus_is_refused(cache, tmp_path):
    check_same_pictures(corpus(tmp_path, 16), cache)
    check_same_pictures(corpus(tmp_path, 3), cache)
    with pytest.raises(CacheError, match="made from another corpus: 4 of the 20.*'p016'"):
        check_same_pictures(corpus(tmp_path, 20), cache)


def test_a_picture_file_that_changed_is_refused(cache, tmp_path):
    (tmp_path / "p000").write_bytes(b"p000")
    check_same_pictures(corpus(tmp_path, 16), cache)
    (tmp_path / "p000").write_bytes(b"another picture")
    with pytest.raises(CacheError, match="another file for 'p000'"):
        check_same_pictures(corpus(tmp_path, 16), cache)


def test_what_is_no_file_any_more_is_refused_without_waiting(cache, tmp_path):
    os.mkfifo(tmp_path / "p000")
    with pytest.raises(CacheError, match="p000 is not a regular file.*put it back"):
        check_same_pictures(corpus(tmp_path, 16), cache)
