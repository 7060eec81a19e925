"""The three stages by their commands, on drawn pictures."""

import json
from pathlib import Path

import numpy as np

from core.predictions import Embeddings
from evaluate.judge import judge
from tests.e2e.conftest import FEATURES, SMALL, Chain, Type

REPORT = {"split", "images", "captions", "protocol", "i2t", "t2i", "rsum", "tied_queries"}
MEASURES = {"r1", "r5", "r10", "median_rank", "mean_rank"}


def test_evaluate_writes_report_and_embeddings(tencrop: Type, chain: Chain) -> None:
    said = tencrop("evaluate", chain.run)
    assert said.code == 0, said.err
    facts = json.loads((chain.run / "eval-test" / "report.json").read_text())
    assert set(facts) >= REPORT
    assert all(set(facts[way]) >= MEASURES for way in ("i2t", "t2i"))
    assert (facts["images"], facts["captions"]) == (12, 60)
    assert "image to text" in said.out
    with np.load(chain.run / "eval-test" / "embeddings.npz", allow_pickle=False) as arrays:
        assert arrays["image_vector"].shape == (12, 32)
        assert arrays["caption_vector"].dtype == np.float32
        assert arrays["owner"].dtype == np.int64
        assert arrays["owner"].max() == 11


def test_the_report_follows_from_the_embeddings(tencrop: Type, chain: Chain) -> None:
    assert tencrop("evaluate", chain.run, "--split", "val").code == 0
    folder = chain.run / "eval-val"
    saved = json.loads((folder / "report.json").read_text())
    again = judge(Embeddings.load(folder)).facts
    assert {key: saved[key] for key in again} == again


def test_the_model_is_the_best_epoch_by_validation(tencrop: Type, chain: Chain) -> None:
    tencrop("evaluate", chain.run, "--split", "val")
    saved = json.loads((chain.run / "eval-val" / "report.json").read_text())
    epochs = [json.loads(line) for line in (chain.run / "metrics.jsonl").read_text().splitlines()]
    assert len(epochs) == 2
    assert saved["rsum"] == max(epoch["rsum"] for epoch in epochs)


def test_what_is_there_is_reused(tencrop: Type, chain: Chain) -> None:
    before = _bytes(chain.cache) | _bytes(chain.run)
    cached = tencrop("features", chain.data, *FEATURES, "--work", chain.work)
    trained = tencrop("train", chain.cache, "--data", chain.data, *SMALL, "--work", chain.work)
    assert (cached.last, trained.last) == (str(chain.cache), str(chain.run))
    assert _bytes(chain.cache) | _bytes(chain.run) == before


def test_same_seed_same_weights_and_another_seed_others(tencrop: Type, chain: Chain) -> None:
    def weights(seed: int, name: str) -> bytes:
        run = chain.work / name
        words = ("train", chain.cache, "--data", chain.data, *SMALL, "--seed", seed, "--run", run)
        assert tencrop(*words).last == str(run)
        return (run / "model.safetensors").read_bytes()

    first = weights(0, "first")
    assert first == (chain.run / "model.safetensors").read_bytes()
    assert first != weights(1, "other")


def test_cache_info_and_verify(tencrop: Type, chain: Chain) -> None:
    info = json.loads(tencrop("cache", "info", chain.cache).out)
    assert info["rows"] == 64
    assert info["layers"] == {"pooled": [1, 512]}
    assert tencrop("cache", "verify", chain.cache).code == 0


def test_results_go_to_stdout_and_talk_to_stderr(tencrop: Type, chain: Chain) -> None:
    said = tencrop("features", chain.data, *FEATURES, "--work", chain.work)
    assert said.out == f"{chain.cache}\n"


def _bytes(folder: Path) -> dict[Path, tuple[int, bytes]]:
    files = (f for f in folder.rglob("*") if f.is_file() and f.name != ".lock")
    files = (file for file in files if "eval-" not in str(file))
    return {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
