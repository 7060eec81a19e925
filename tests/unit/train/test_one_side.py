"""One side alone is the same as both at once, by every task that encodes each side by itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import CacheError, NumberError, SettingError
from core.plugins import names
from core.records import Caption
from pipeline.said.ways import completed
from tests.tiny import CPU, fit, world
from train.recipe import resolve
from train.task import Task
from train.trained import load

NEAR = 1e-6
SOLVED = ("cca", "matched")


class Ready:
    """A trained run of a task, its corpus and sources, and what it predicts of both sides."""

    def __init__(self, folder, name, *assignments):
        recipe = resolve(
            {"task": {"name": name}}, ["epochs=1"] * (name not in SOLVED) + [*assignments]
        )
        self.corpus, self.sources, modules = world(recipe, folder)
        fit(recipe, folder, folder / "run")
        self.trained = load(folder / "run", CPU) if not modules else None
        self.part = self.corpus.split("val")


@pytest.fixture(scope="module", params=[name for name in names("train.tasks") if name != "tuned"])
def ready(request, tmp_path_factory):
    return Ready(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def order(tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    return Ready(folder, "paired", "task.similarity=order")


def one_by_one(trained, part, sources):
    """Each picture and each caption asked for alone."""
    rows = np.eye(len(part.images), dtype=bool)
    pictures = [trained.images(part.select(row), sources).value for row in rows]
    captions = [trained.captions([caption], sources).value for caption in part.captions]
    return np.concatenate(pictures), np.concatenate(captions)


def both(ready):
    return ready.trained.predict(ready.part, ready.sources)


def test_a_side_alone_is_what_both_at_once_are_to_the_bit(ready):
    whole = both(ready)
    image = ready.trained.images(ready.part, ready.sources)
    caption = ready.trained.captions(ready.part.captions, ready.sources)
    assert image.id.tolist() == whole.image.id.tolist()
    assert caption.id.tolist() == whole.caption.id.tolist()
    assert np.array_equal(image.value, whole.image.value)
    assert np.array_equal(caption.value, whole.caption.value)
    assert np.array_equal(image.label, whole.image.label)


def test_one_at_a_time_is_all_at_once_and_ranks_alike(ready):
    whole = both(ready)
    image, caption = one_by_one(ready.trained, ready.part, ready.sources)
    np.testing.assert_allclose(image, whole.image.value, atol=NEAR)
    np.testing.assert_allclose(caption, whole.caption.value, atol=NEAR)
    ours = caption.astype(np.float64) @ image.T
    theirs = whole.caption.value.astype(np.float64) @ whole.image.value.T
    clear = np.abs(theirs[:, :, None] - theirs[:, None, :]) > 10 * NEAR
    orders = [np.sign(s[:, :, None] - s[:, None, :])[clear] for s in (ours, theirs)]
    assert np.array_equal(*orders)


def test_under_order_each_side_is_absolute_and_the_similarity_is_told(order):
    assert order.trained.task.similarity == "order"
    image, caption = one_by_one(order.trained, order.part, order.sources)
    whole = both(order)
    np.testing.assert_allclose(image, whole.image.value, atol=NEAR)
    np.testing.assert_allclose(caption, whole.caption.value, atol=NEAR)
    assert (image >= 0).all()
    assert (caption >= 0).all()


def test_pictures_need_no_captions_and_no_source_of_captions(ready):
    bare = replace(ready.part, captions=(), owner=np.zeros(0, dtype=np.int64))
    pictures = {name: s for name, s in ready.sources.items() if name != "text"}
    found = ready.trained.images(bare, pictures)
    assert np.array_equal(found.value, both(ready).image.value)


def test_sentences_need_no_pictures(ready):
    told = {name: s for name, s in ready.sources.items() if name == "text"}
    caption = ready.trained.captions(ready.part.captions, told)
    assert np.array_equal(caption.value, both(ready).caption.value)
    if not told:
        texts = ready.trained.texts([each.text for each in ready.part.captions])
        assert np.array_equal(texts.value, caption.value)
        assert texts.id.tolist() == [str(n) for n in range(len(texts.id))]


def test_a_source_that_is_missing_is_named(ready):
    with pytest.raises(CacheError, match="reads a source 'image'; give it one of this name"):
        ready.trained.images(ready.part, {})


def test_pictures_without_features_are_refused(ready):
    images = tuple(replace(image, id=f"new-{image.id}") for image in ready.part.images)
    told = "no features for any of the 4 pictures of tiny; run `features`"
    with pytest.raises(CacheError, match=told):
        ready.trained.images(replace(ready.part, images=images), ready.sources)


def test_the_words_that_are_known_are_told(ready):
    heard = ready.trained.task.heard("The red dog, the Zebra?")
    if ready.trained.task._measured.words is None:
        assert heard == (("the", "red", "dog", "zebra"), ())
    else:
        assert heard == (("the", "red", "dog"), ("zebra",))


def test_a_vector_that_is_not_finite_is_refused(tmp_path):
    broken = Ready(tmp_path, "paired")
    with torch.no_grad():
        broken.trained.task.image.project.bias[0] = torch.nan
    with pytest.raises(NumberError, match="image vectors are not finite"):
        broken.trained.images(broken.part, broken.sources)


def test_a_task_that_encodes_no_side_says_so():
    class Captioning(Task):
        def read(self, part, sources): ...

        def predict(self, data): ...

    with pytest.raises(SettingError, match="Captioning encodes no picture by itself.*take a run"):
        Captioning().images(None, {})
    with pytest.raises(SettingError, match="Captioning encodes no sentence by itself") as told:
        Captioning().captions([Caption("0", "a dog")], {})
    assert "--" not in str(told.value)
    assert "; take a run of a task that does, such as --recipe vse++w" in completed(told.value)


def test_what_a_candidate_has_added_is_what_evaluate_ranks_with(tmp_path):
    ready = Ready(tmp_path, "paired", "gallery.bias=true", "gallery.bank=5")
    assert ready.trained.gallery is not None
    strong = replace(ready.trained.gallery, strength=0.7)  # what is chosen may be none
    ready.trained = replace(ready.trained, gallery=strong)
    whole = both(ready)
    image = ready.trained.images(ready.part, ready.sources)
    caption = ready.trained.captions(ready.part.captions, {})
    assert (whole.image.value[:, -2] != 0).all()
    assert np.array_equal(ready.trained.bias("image", image), whole.image.value[:, -2])
    assert np.array_equal(ready.trained.bias("caption", caption), whole.caption.value[:, -1])
    assert np.array_equal(image.value, whole.image.value[:, :-2])
    added = caption.value @ image.value.T + ready.trained.bias("image", image)
    theirs = whole.caption.value @ whole.image.value.T
    differ = theirs - added  # what the asking caption adds: one number for all pictures
    np.testing.assert_allclose(differ, np.broadcast_to(differ[:, :1], differ.shape), atol=NEAR)


def test_a_run_without_a_bias_adds_nothing(ready):
    image = ready.trained.images(ready.part, ready.sources)
    assert ready.trained.bias("image", image) is None
