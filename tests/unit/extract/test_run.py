"""The loop: resume, failures, keys and numbers, with a network small enough to see through."""

import dataclasses
import multiprocessing
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import nn

from core.errors import BusyError, CacheError, InputError, NumberError, SettingError
from core.files import file_sha256, json_sha256
from core.records import Corpus, Image
from core.settings import validate
from core.store import FeatureCache, verify_cache
from extract import run
from extract.backbone import Backbone, Network
from extract.calls import forward, full_precision
from extract.images import crops, decode
from extract.settings import FeatureSettings
from extract.stated import DECODER
from extract.transform import IMAGENET, Transform

CPU = torch.device("cpu")
SMALL = Transform(40, 32, "bilinear", IMAGENET.mean, IMAGENET.std)


def tiny(scale=1.0, seed=0, sha256="a" * 64):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        conv, last = nn.Conv2d(3, 8, 5, stride=4), nn.Linear(8, 5)
    conv.weight.data *= scale
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    shapes = {"pooled": (8,), "grid": (7, 7, 8), "scores": (5,)}
    network = Network(nn.Sequential(conv, nn.ReLU()), head, classifier=last)
    stated = ("tiny", "random(seed=0)", sha256, network, SMALL, shapes)
    return Backbone(*stated, classifier="c" * 64)


def draw(folder, count, start=0):
    folder.mkdir(exist_ok=True)
    for number in range(start, start + count):
        values = np.random.default_rng(number).integers(0, 256, (50, 60, 3), dtype=np.uint8)
        Pillow.fromarray(values).save(folder / f"{number:03d}.png")


def corpus(folder, extra=(), name="drawn"):
    paths = [*folder.iterdir(), *(folder / file for file in extra)]
    return Corpus.build(name, [Image(path.name, path, "train") for path in paths], [])


@pytest.fixture
def drawn(tmp_path):
    draw(tmp_path / "pictures", 11)
    return corpus(tmp_path / "pictures")


def extract(corpus, backbone, root, *, device, progress=None, say=print, **options):
    settings = validate(FeatureSettings, {"backbone": backbone.name, **options}, "options")
    return run.extract(corpus, backbone, root, settings, device=device, progress=progress, say=say)


def features(path, layer="pooled"):
    cache = FeatureCache(path)
    good = [i for i, readable in zip(cache.ids, cache.readable, strict=True) if readable]
    return dict(zip(good, cache.read(layer, cache.rows(good)), strict=True))


def contents(path):
    return {
        file.name: file.read_bytes() for file in path.iterdir() if not file.name.startswith(".")
    }


def test_the_numbers_are_those_of_the_obvious_loop(drawn, tmp_path):
    backbone = tiny()
    found = extract(drawn, backbone, tmp_path, device=CPU, keep="all", shard_size=4)
    assert found.path.name.startswith("drawn-tiny-10crop-all-")
    assert (found.pictures, found.failures, found.reused) == (11, (), 0)
    values = features(found.path)
    mean = features(extract(drawn, backbone, tmp_path, device=CPU).path)
    for image in drawn.images:
        ten = crops(decode(image.place.read_bytes()), SMALL, 10)
        expected = torch.stack([backbone.module(crop[None], "pooled")[0] for crop in ten]).numpy()
        np.testing.assert_allclose(values[image.id], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(mean[image.id], expected.mean(0)[None], rtol=1e-5, atol=1e-6)


def test_grids_are_kept_channels_last_and_only_that_layer(drawn, tmp_path):
    found = extract(drawn, tiny(), tmp_path, device=CPU, layer="grid", crops=5, keep="all")
    assert found.path.name.startswith("drawn-tiny-grid-5crop-all-")
    assert FeatureCache(found.path).layers == {"grid": (5, 7, 7, 8)}
    one = features(extract(drawn, tiny(), tmp_path, device=CPU, layer="grid", crops=1).path, "grid")
    image = drawn.images[3]
    crop = crops(decode(image.place.read_bytes()), SMALL, 1)
    expected = tiny().module(crop, "grid")
    np.testing.assert_allclose(one[image.id], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(features(found.path, "grid")[image.id][4:], expected, atol=1e-6)


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_scores_are_kept_like_vectors(drawn, tmp_path, engine):
    given = {"device": CPU, "layer": "scores", "crops": 5, "engine": engine}
    found = extract(drawn, tiny(), tmp_path, keep="all", **given)
    assert found.path.name.startswith("drawn-tiny-scores-5crop-all-")
    assert FeatureCache(found.path).layers == {"scores": (5, 5)}
    every = features(found.path, "scores")
    mean = features(extract(drawn, tiny(), tmp_path, **given).path, "scores")
    for image in drawn.images[::4]:
        five = crops(decode(image.place.read_bytes()), SMALL, 5)
        expected = tiny().module(five, "scores")
        np.testing.assert_allclose(every[image.id], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(mean[image.id], expected.mean(0)[None], rtol=1e-5, atol=1e-6)
    told = FeatureCache(found.path).manifest["fields"]
    assert (told["weights"], told["own_weights"]) == ("a" * 64, {"scores": "c" * 64})


def test_a_layer_that_the_backbone_lacks_is_refused_before_any_work(drawn, tmp_path):
    shapes = {name: shape for name, shape in tiny().layers.items() if name != "scores"}
    lacking = dataclasses.replace(tiny(), layers=shapes, lacks="there is no 'fc.weight'")
    told = r"tiny with random\(seed=0\) has no layer 'scores' \(there is no 'fc.weight'\); give "
    with pytest.raises(SettingError, match=told + "--layer pooled or --layer grid$"):
        extract(drawn, lacking, tmp_path / "work", device=CPU, layer="scores")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("batch_size", [1, 3, 4, 64])
def test_the_batch_size_changes_nothing_beyond_rounding(drawn, tmp_path, batch_size):
    usual = features(extract(drawn, tiny(), tmp_path / "a", device=CPU, crops=5).path)
    found = extract(drawn, tiny(), tmp_path / "b", device=CPU, crops=5, batch_size=batch_size)
    for image_id, values in features(found.path).items():
        np.testing.assert_allclose(values, usual[image_id], rtol=1e-5, atol=1e-6)


def test_the_number_of_threads_changes_no_bit(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    one = extract(drawn, tiny(), tmp_path / "a", device=CPU)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    many = extract(drawn, tiny(), tmp_path / "b", device=CPU)
    assert contents(one.path) == contents(many.path)


def test_progress_counts_every_picture_once_and_a_second_run_has_nothing_to_do(drawn, tmp_path):
    seen = []
    options = {"device": CPU, "shard_size": 4, "progress": lambda *at: seen.append(at)}
    first = extract(drawn, tiny(), tmp_path, **options)
    assert seen == [(done, 11) for done in range(12)]
    before = contents(first.path)
    seen.clear()
    second = extract(drawn, tiny(), tmp_path, **options)
    assert (second.path, second.reused, seen) == (first.path, 11, [(11, 11)])
    assert contents(second.path) == before


class Interrupt(Exception):
    pass


@pytest.mark.parametrize("stop_at", [1, 4, 6, 10])
def test_an_interrupted_extraction_goes_on_to_the_same_bytes(drawn, tmp_path, stop_at):
    def stop(done, total):
        if done == stop_at:
            raise Interrupt

    options = {"device": CPU, "shard_size": 4}
    with pytest.raises(Interrupt):
        extract(drawn, tiny(), tmp_path / "a", **options, progress=stop)
    (partial,) = (tmp_path / "a").iterdir()
    with pytest.raises(CacheError, match="not complete"):
        FeatureCache(partial)
    resumed = extract(drawn, tiny(), tmp_path / "a", **options)
    assert resumed.reused == stop_at // 4 * 4 - (4 if stop_at % 4 == 0 else 0)
    whole = extract(drawn, tiny(), tmp_path / "b", **options)
    assert contents(resumed.path) == contents(whole.path)


def extract_alone(pictures, root):
    torch.set_num_threads(1)  # more are threads of the parent
    extract(corpus(pictures), tiny(), root, device=CPU, shard_size=2)


@pytest.mark.slow
def test_a_process_killed_again_and_again_leaves_only_whole_shards(tmp_path):
    draw(tmp_path / "pictures", 60)
    fork, root = multiprocessing.get_context("fork"), tmp_path / "killed"
    for more in (3, 8):
        before = len(list(root.glob("*/shard-*.json")))
        child = fork.Process(target=extract_alone, args=(tmp_path / "pictures", root))
        with warnings.catch_warnings():  # of Python 3.12: torch has threads here, which are idle
            warnings.simplefilter("ignore", DeprecationWarning)
            child.start()
        while child.is_alive() and len(list(root.glob("*/shard-*.json"))) < before + more:
            time.sleep(0.0005)
        assert child.is_alive(), "the process ended before it was killed"
        child.kill()
        child.join()
    drawn = corpus(tmp_path / "pictures")
    resumed = extract(drawn, tiny(), root, device=CPU, shard_size=2)
    assert 2 * 11 <= resumed.reused < 60
    assert verify_cache(resumed.path) == []
    whole = extract(drawn, tiny(), tmp_path / "whole", device=CPU, shard_size=2)
    assert contents(resumed.path) == contents(whole.path)


def test_bad_pictures_are_listed_and_change_no_bit_of_the_good_ones(tmp_path):
    folder = tmp_path / "pictures"
    draw(folder, 11)
    good = features(extract(corpus(folder), tiny(), tmp_path, device=CPU, crops=1).path)
    (folder / "000a.jpg").write_bytes(b"")
    (folder / "004a.jpg").write_text("<html>404</html>")
    (folder / "005a.png").write_bytes((folder / "005.png").read_bytes()[:3000])
    extra = ["002a.jpg", "zzz.jpg"]
    found = extract(corpus(folder, extra), tiny(), tmp_path, device=CPU, crops=1)
    failures = dict(found.failures)
    assert sorted(failures) == ["000a.jpg", "002a.jpg", "004a.jpg", "005a.png", "zzz.jpg"]
    assert failures["002a.jpg"] == failures["zzz.jpg"] == "missing file"
    assert failures["000a.jpg"] == "empty file"
    assert failures["004a.jpg"].startswith("not a picture")
    assert failures["005a.png"].startswith("truncated")
    values = features(found.path)
    assert values.keys() == good.keys()
    assert all(np.array_equal(values[key], good[key]) for key in good)
    cache = FeatureCache(found.path)
    assert cache.digests[cache.ids.index("zzz.jpg")] == ""
    again = extract(corpus(folder, extra), tiny(), tmp_path, device=CPU, crops=1)
    assert (again.failures, again.reused) == (found.failures, 16)

    draw(folder, 1, start=50)
    (folder / "050.png").rename(folder / "zzz.jpg")  # the missing picture arrives: another cache
    assert extract(corpus(folder, extra[:1]), tiny(), tmp_path, device=CPU).path != found.path


def test_a_picture_with_features_that_are_not_finite_is_a_failure(drawn, tmp_path):
    class Poison(nn.Module):
        def forward(self, batch):
            out = batch.mean((2, 3), keepdim=True)
            return torch.where(out == out.max(), torch.nan, out)

    network = Network(Poison(), nn.Flatten())
    backbone = dataclasses.replace(tiny(), module=network, layers={"pooled": (3,)})
    found = extract(drawn, backbone, tmp_path, device=CPU, crops=1, batch_size=11)
    assert [reason for _, reason in found.failures] == ["its features are not finite"]
    assert len(features(found.path)) == 10


def test_if_every_picture_fails_the_first_reason_is_told(tmp_path):
    (tmp_path / "pictures").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "pictures" / name).write_bytes(b"")
    bad = corpus(tmp_path / "pictures")
    for _ in range(2):
        with pytest.raises(InputError, match="none of the 2 pictures.*'a.jpg'.*empty file"):
            extract(bad, tiny(), tmp_path, device=CPU)


def test_if_every_picture_is_missing_nothing_is_written(tmp_path):
    (tmp_path / "pictures").mkdir()
    bad = corpus(tmp_path / "pictures", ["a.jpg", "b.jpg"])
    with pytest.raises(
        InputError, match="none of the 2 .* a.jpg: missing file; check .*/pictures$"
    ):
        extract(bad, tiny(), tmp_path / "work", device=CPU)
    assert not (tmp_path / "work").exists()


def test_float16_is_close_and_refuses_what_does_not_fit(drawn, tmp_path):
    wide = features(extract(drawn, tiny(), tmp_path, device=CPU).path)
    half = features(extract(drawn, tiny(), tmp_path, device=CPU, dtype="float16").path)
    for key, values in half.items():
        assert values.dtype == np.float16
        np.testing.assert_allclose(values, wide[key], rtol=1e-3, atol=1e-6)
    for scale, layer in ((1e7, "pooled"), (1e-7, "pooled"), (1e8, "scores"), (1e-8, "scores")):
        backbone = tiny(scale)
        backbone.module.trunk[0].bias.data.zero_()
        backbone.module.classifier.bias.data.zero_()
        given = {"dtype": "float16", "layer": layer}
        with pytest.raises(NumberError, match="000.png.*does not fit float16.*--dtype float32"):
            extract(drawn, backbone, tmp_path / f"{scale}", device=CPU, **given)


def test_whatever_makes_the_numbers_is_another_cache_and_nothing_else_is(drawn, tmp_path):
    def path(corpus=drawn, backbone=None, **options):
        return extract(
            corpus, backbone or tiny(), tmp_path / "work", device=CPU, **{"crops": 5, **options}
        ).path

    draw(tmp_path / "other", 11, start=20)
    wider = dataclasses.replace(SMALL, resize=41)
    fewer = drawn.select(np.arange(11) > 0)
    paths = [
        path(),
        path(backbone=dataclasses.replace(tiny(), name="tiny2")),
        path(backbone=tiny(sha256="b" * 64)),
        path(backbone=dataclasses.replace(tiny(), transform=wider)),
        path(crops=1),
        path(crops=10),
        path(keep="all"),
        path(dtype="float16"),
        path(layer="grid", keep="all"),
        path(layer="scores"),
        path(layer="scores", backbone=dataclasses.replace(tiny(), classifier="d" * 64)),
        path(fewer),
        path(corpus(tmp_path / "other")),
    ]
    assert len(set(paths)) == len(paths)
    renamed = dataclasses.replace(drawn, name="a name / of another kind")
    assert path(renamed) == path(batch_size=2) == path(shard_size=3) == paths[0]
    assert path(backbone=dataclasses.replace(tiny(), weights="w.pth")) == paths[0]
    assert path(crops=1, keep="all") == paths[4]
    assert extract(renamed, tiny(), tmp_path / "new", device=CPU).path.parent == tmp_path / "new"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crops": 3}, "crops = 3: input should be 1, 2, 5 or 10; choose"),
        ({"keep": "max"}, "keep = 'max': input should be 'mean' or 'all'"),
        ({"dtype": "bfloat16"}, "dtype = 'bfloat16': input should be 'float32' or 'float16'"),
        (
            {"layer": "fc7"},
            "layer = 'fc7': 'fc7' is none of them: accepted: grid, pooled, scores; choose",
        ),
        ({"batch_size": 0}, "batch_size = 0: input should be greater than or equal to 1"),
        ({"crop": 1}, "unknown key 'crop': did you mean 'crops'"),
        ({"layer": "pooled,girds"}, "'girds' is none of them: did you mean 'grid'"),
        ({"layer": ""}, "'' is none of them: accepted"),
        ({"layer": "grid"}, "mean of 10 grids.*use --crops 1 or --keep all"),
        ({"layer": "scores,grid"}, "mean of 10 grids.*use --crops 1 or --keep all"),
    ],
)
def test_unknown_options_are_refused_before_any_work(drawn, tmp_path, options, message):
    with pytest.raises(SettingError, match=message):
        extract(drawn, tiny(), tmp_path / "work", device=CPU, **options)
    assert not (tmp_path / "work").exists()


def test_the_fields_are_those_of_caches_made_before(drawn, tmp_path):
    manifest = FeatureCache(extract(drawn, tiny(), tmp_path, device=CPU, crops=1).path).manifest
    listed = [[image.id, file_sha256(image.place)] for image in drawn.images]
    transform = {
        "resize": 40,
        "crop": 32,
        "interpolation": "bilinear",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }
    assert manifest["fields"] == {
        "backbone": "tiny",
        "weights": "a" * 64,
        "layers": {"pooled": [8]},
        "transform": transform,
        "crops": 1,
        "keep": "mean",
        "dtype": "float32",
        "decoder": DECODER,
        "exif": "orientation applied",
        "corpus": json_sha256(listed),
    }
    found = run.made_by(tiny(), FeatureSettings(crops=1, keep="all"))
    assert found == {k: v for k, v in manifest["fields"].items() if k != "corpus"}


def test_a_cache_tells_with_what_it_can_be_made_again(drawn, tmp_path, monkeypatch):
    def settings(name, **options):
        path = extract(drawn, tiny(), tmp_path / name, device=CPU, **options).path
        return FeatureCache(path).manifest["made_with"]["settings"]

    given = {"weights": "random", "crops": 1, "shard_size": 4}
    assert settings("a", **given) == {
        "backbone": "tiny",
        "transform": None,
        "layer": "pooled",
        "keep": "mean",
        "dtype": "float32",
        "batch_size": None,
        "engine": "auto",
        **given,
    }
    monkeypatch.chdir(tmp_path)
    assert settings("b", weights="w.pth")["weights"] == str(tmp_path.resolve() / "w.pth")


def test_a_picture_that_changes_during_the_run_stops_it(drawn, tmp_path, monkeypatch):
    def no_look_ahead(done, total):
        if done == 4:
            drawn.images[10].place.write_bytes(b"another")

    monkeypatch.setattr("extract.batches.AHEAD", 1)
    with pytest.raises(InputError, match="010.png changed while it was being read"):
        extract(drawn, tiny(), tmp_path, device=CPU, shard_size=4, progress=no_look_ahead)


def test_short_memory_halves_the_batch():
    sizes = []

    class Small(nn.Module):
        def forward(self, batch):
            sizes.append(len(batch))
            if len(batch) > 3:
                raise torch.OutOfMemoryError
            return batch, -batch

    batch = torch.arange(10 * 12.0).reshape(10, 3, 2, 2)
    found, negative = forward(Small(), batch, CPU)
    assert torch.equal(found, batch)
    assert torch.equal(negative, -batch)
    assert sizes == [10, 5, 2, 3, 5, 2, 3]

    class Full(nn.Module):
        def forward(self, batch):
            raise torch.OutOfMemoryError

    with pytest.raises(InputError, match="use --device cpu"):
        forward(Full(), batch, CPU)


def test_two_processes_on_one_cache(drawn, tmp_path):
    def nested(done, total):
        if done == 2:
            with (
                ThreadPoolExecutor(1) as pool,
                pytest.raises(BusyError, match="is being written by process"),
            ):
                pool.submit(extract, drawn, tiny(), tmp_path, device=CPU).result()

    assert extract(drawn, tiny(), tmp_path, device=CPU, progress=nested).reused == 0


def test_tf32_is_off_while_features_are_computed_and_then_as_it_was():
    before = torch.backends.cudnn.allow_tf32
    with full_precision(torch.device("cuda")):
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.enabled
        assert torch.backends.cudnn.deterministic
    assert torch.backends.cudnn.allow_tf32 == before
    with full_precision(CPU):
        assert torch.backends.cudnn.allow_tf32 == before


def test_a_complete_cache_is_found_before_anything_is_locked_or_written(
    drawn, tmp_path, monkeypatch
):
    found = extract(drawn, tiny(), tmp_path, device=CPU, shard_size=4)
    (found.path / ".lock").unlink()
    hashed, real = [], file_sha256

    def counting(path, **given):
        hashed.append(path.name)
        return real(path, **given)

    def refuse(*given, **named):
        raise OSError("nothing may be written here")

    monkeypatch.setattr("core.store.committed.file_sha256", counting)
    monkeypatch.setattr("extract.digests.place_sha256", counting)
    monkeypatch.setattr("core.files.secrets.token_hex", refuse)  # the name of a temporary file
    monkeypatch.setattr("core.store.writer.exclusive", refuse)
    again = extract(drawn, tiny(), tmp_path, device=CPU)
    assert (again.path, again.reused) == (found.path, 11)
    shards = [f"shard-0000{number}.h5" for number in range(3)]
    assert sorted(hashed) == [*sorted(image.id for image in drawn.images), *shards]


def test_what_is_missing_is_told_before_anything_is_written(drawn, tmp_path):
    drawn.images[4].place.unlink()

    def refuse(names, total):
        assert (names, total) == (["004.png: missing file"], 11)
        raise Interrupt

    settings = FeatureSettings(backbone="tiny")
    with pytest.raises(Interrupt):
        run.extract(drawn, tiny(), tmp_path / "work", settings, device=CPU, missing=refuse)
    assert not (tmp_path / "work").exists()
