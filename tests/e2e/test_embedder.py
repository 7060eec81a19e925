"""The two functions for programs: vectors of new sentences and of new pictures, by a run."""

import shutil
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import CacheError, InputError, RunError
from core.predictions import Embeddings
from extract.backbone import Network
from pipeline.searched.embedder import Embedder, load
from tests.e2e.conftest import SMALL, Chain, typed
from tests.faults.child import PARTS
from tests.faults.world import BACKBONE as SPECK
from tests.plugin_folder import added

NEAR = 1e-5
"""A picture alone is one call of the network, in a cache it is among ten."""
WORDS = ("--set", "min_count=1")
ENCODER = """
import numpy as np

def encode(texts):
    return np.array([[len(t), t.count("red"), t.count("left"), 1.0] for t in texts])
"""


@pytest.fixture(scope="module", autouse=True)
def small_backbone() -> Iterator[None]:
    with added(PARTS):
        yield


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A run that reads three caches: two views of one network, one as float16, and another one."""
    work = tmp_path_factory.mktemp("several")
    options = [
        ("--backbone", SPECK, "--crops", 1),
        ("--backbone", SPECK, "--crops", 2, "--keep", "all", "--dtype", "float16"),
        ("--backbone", "squeezenet1_1", "--crops", 1, "--layer", "pooled"),
    ]
    random = ("--weights", "random", "--work", work)
    caches = [typed("features", chain.data, *each, *random) for each in options]
    given = ("--data", chain.data, *SMALL, *WORDS, "--set", "gallery.bias=true", "--work", work)
    run = Path(typed("train", *caches, *given))
    typed("evaluate", run, "--work", work)
    return Chain(chain.data, Path(caches[0]), run, work)


@pytest.fixture(scope="module")
def run(made: Chain) -> Embedder:
    return load(made.run, work=made.work, device="cpu")


@pytest.fixture(scope="module")
def kept(made: Chain) -> Embeddings:
    return Embeddings.load(made.run / "eval-test")


@pytest.fixture(scope="module")
def files(made: Chain, kept: Embeddings) -> list[Path]:
    return [next(made.data.rglob(str(name))) for name in kept.image.id[:3]]


def test_a_picture_of_the_corpus_has_the_vector_of_its_caches(
    run: Embedder, kept: Embeddings, files: list[Path]
) -> None:
    whole = run.image(files)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole, kept.image.value[:3, :-2], atol=NEAR)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=NEAR)
    with Image.open(files[0]) as opened:
        each = run.image([files[0].read_bytes(), str(files[0]), opened])
    np.testing.assert_allclose(each, whole[[0, 0, 0]], atol=NEAR)


def test_a_sentence_of_the_corpus_has_its_vector_and_ranks_as_evaluate_does(
    run: Embedder, kept: Embeddings, made: Chain
) -> None:
    assert kept.caption is not None
    text = {caption.id: caption.text for caption in corpus_of(made).captions}
    found = run.text([text[name] for name in kept.caption.id])
    np.testing.assert_allclose(found, kept.caption.value[:, :-2], atol=NEAR)
    images = kept.image.value[:, :-2]
    ours = found @ images.T + run.bias("image", images)
    theirs = kept.caption.value @ kept.image.value.T
    np.testing.assert_array_equal(np.argsort(-ours, axis=1)[:, 0], np.argmax(theirs, axis=1))


def corpus_of(made: Chain):
    from core.corpora import read_corpus

    return read_corpus(made.data, "auto")


def test_a_photograph_that_lies_on_its_side_is_turned_as_stage_one_does(
    run: Embedder, files: list[Path]
) -> None:
    with Image.open(files[0]) as opened:
        turned = opened.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[274] = 6  # how a camera says that it was held upright
    data = BytesIO()
    turned.save(data, "PNG", exif=exif)
    np.testing.assert_allclose(run.image([data.getvalue()]), run.image(files[:1]), atol=NEAR)


def test_weights_are_read_once(run: Embedder, files: list[Path], monkeypatch) -> None:
    run.image(files[:1])
    monkeypatch.setattr("extract.catalogue.build", None)
    run.image(files[:1])
    monkeypatch.setattr("pipeline.searched.embedder.Sight", None)
    run.image(files[:1])


def test_several_threads_get_what_one_gets(run: Embedder, files: list[Path]) -> None:
    sentences = ["a red circle", "a blue square left of a circle"]
    texts, images = run.text(sentences), run.image(files)
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(3):
            if not np.array_equal(run.text(sentences), texts):
                wrong.append("text")
            if not np.array_equal(run.image(files), images):
                wrong.append("image")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_words_that_are_not_known_are_named(run: Embedder) -> None:
    assert run.unknown("a red Zebra, a zebra or a xylophone") == ("zebra", "or", "xylophone")
    run.text(["a red zebra"])
    with pytest.raises(InputError, match=r"no word of sentence 2 \(zebra, xylophone\); leave it"):
        run.text(["a red circle", "Zebra xylophone"])


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("", "sentence 1 is empty"),
        (" \n", "sentence 1 is empty"),
        ("?!", "sentence 1 holds no word"),
        ("red " * 5000, "sentence 1 has 20,000 characters; shorten it to 10,000"),
        ("red \udc80", "sentence 1 is no text"),
    ],
)
def test_what_no_vector_could_stand_for_is_one_line(run: Embedder, sentence: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        run.text([sentence])


def test_one_in_the_place_of_a_list_is_one_line(run: Embedder, files: list[Path]) -> None:
    with pytest.raises(
        InputError, match=r"takes a list of sentences; give it as \.text\(\[...\]\)"
    ):
        run.text("a red circle")
    for one in (files[0], str(files[0]), files[0].read_bytes()):
        with pytest.raises(InputError, match="takes a list of pictures"):
            run.image(one)


def test_nothing_asked_is_nothing_answered(run: Embedder) -> None:
    assert run.text([]).shape == run.image([]).shape == (0, 32)


def test_what_is_no_picture_is_one_line(run: Embedder, tmp_path: Path) -> None:
    text = tmp_path / "a.jpg"
    text.write_text("a text")
    with pytest.raises(InputError, match="a.jpg cannot be read as a picture: not a picture .*give"):
        run.image([text])
    with pytest.raises(InputError, match="picture 1 cannot be read as a picture: empty file"):
        run.image([b""])
    with pytest.raises(InputError, match="^mine.jpg cannot be read as a picture: empty file"):
        run.image([b""], ["mine.jpg"])
    with pytest.raises(FileNotFoundError, match="b.jpg"):
        run.image([tmp_path / "b.jpg"])
    thin = Image.new("RGB", (100_000, 1))
    with pytest.raises(InputError, match="picture 1 .*too long and thin"):
        run.image([thin])


def test_a_name_as_list_prints_it_is_enough(made: Chain) -> None:
    assert load(made.run.name, work=made.work).trained.run == made.run
    assert load(made.run.name[:-3], work=made.work).trained.run == made.run
    with pytest.raises(InputError, match="nothing-like-it is not there"):
        load("nothing-like-it", work=made.work)


def test_no_network_is_read_before_a_picture_is_asked(made: Chain, monkeypatch) -> None:
    monkeypatch.setattr(Network, "__init__", None)
    assert load(made.run, work=made.work).text(["a red circle"]).shape == (1, 32)


def test_weights_that_are_gone_are_one_line(chain: Chain, tmp_path: Path) -> None:
    from safetensors.torch import save_file
    from torchvision.models import squeezenet1_1

    file = tmp_path / "own.safetensors"
    save_file(squeezenet1_1(weights=None).state_dict(), file)
    options = ("--backbone", "squeezenet1_1", "--weights", file, "--crops", 1)
    cache = typed("features", chain.data, *options, "--work", tmp_path)
    path = typed("train", cache, "--data", chain.data, *SMALL, "--work", tmp_path)
    picture = next(chain.data.rglob("*.png"))
    file.unlink()
    with pytest.raises(RunError, match="no longer at .*own.safetensors; put them back there"):
        load(path, work=tmp_path).image([picture])
    save_file(squeezenet1_1(weights=None).state_dict(), file)
    with pytest.raises(CacheError, match="a picture as .* sees it: .*weights"):
        load(path, work=tmp_path).image([picture])


def test_a_run_on_imported_vectors_refuses_pictures(tmp_path: Path) -> None:
    data, drawn = tmp_path / "vse", np.random.default_rng(0)
    data.mkdir()
    for split, many in (("train", 8), ("dev", 4), ("test", 4)):
        np.save(data / f"{split}_ims.npy", drawn.normal(size=(5 * many, 6)).astype(np.float32))
        lines = [f"a red circle number {n}" for n in range(5 * many)]
        (data / f"{split}_caps.txt").write_text("\n".join(lines) + "\n")
    cache = typed("cache", "import", data, "--work", tmp_path / "w")
    path = typed("train", cache, "--data", data, *SMALL, *WORDS, "--work", tmp_path / "w")
    run = load(path, work=tmp_path / "w")
    assert run.text(["a red circle"]).shape == (1, 32)
    with pytest.raises(RunError, match="imported vectors, .*search with a sentence"):
        run.image([Image.new("RGB", (32, 32))])


def test_sentences_go_through_the_runs_own_encoder(chain: Chain, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(ENCODER)
    work = tmp_path / "w"
    texts = typed("features", chain.data, "--text", f"{file}:encode", "--work", work)
    adapters = ("--recipe", "adapters-light", "--set", "epochs=1", "--set", "embed_dim=8")
    path = typed("train", chain.cache, texts, "--data", chain.data, *adapters, "--work", work)
    typed("evaluate", path, "--work", work)
    kept = Embeddings.load(Path(path) / "eval-test")
    assert kept.caption is not None
    text = {caption.id: caption.text for caption in corpus_of(chain).captions}
    run = load(path, work=work)
    found = run.text([text[name] for name in kept.caption.id])
    np.testing.assert_allclose(found, kept.caption.value, atol=NEAR)
    assert run.heard("a zebra") == (("a", "zebra"), ())
    shutil.copy(file, tmp_path / "kept.py")
    file.write_text(ENCODER.replace("1.0", "2.0") + "\nraise SystemError('was run')\n")
    with pytest.raises(CacheError, match="sentences as .* encodes them: .*give back the run's own"):
        load(path, work=work).text(["a red circle"])
    file.unlink()
    with pytest.raises(RunError, match="own.py:encode encodes them, and that file is not there"):
        load(path, work=work).text(["a red circle"])
