"""Labels that are wrong on purpose: how many, which, and whose."""

from collections import Counter
from dataclasses import replace

from core.records import Corpus, Image
from train.noise import noised, with_noise


def part(many=200, labels=lambda n: (f"c{n % 4}",)):
    images = [Image(f"p{n:03d}", None, "train", labels(n)) for n in range(many)]
    return Corpus.build("tiny", images, [])


def changes(before, after):
    pairs = zip(before.images, after.images, strict=True)
    return [(one, other) for one, other in pairs if one != other]


def test_a_share_of_the_items_has_another_label():
    clean = part()
    found = noised(clean, 0.2, 7)
    changed = changes(clean, found.part)
    assert len(changed) == found.changed == 40
    assert found.labelled == 200
    assert all(one.id == other.id and one.labels != other.labels for one, other in changed)
    assert {label for _, other in changed for label in other.labels} == {"c0", "c1", "c2", "c3"}


def test_the_share_is_rounded_and_of_the_items_that_have_a_label():
    few = part(16, labels=lambda n: (f"c{n % 3}",) if n % 2 else ())
    found = noised(few, 0.2, 0)
    assert (found.changed, found.labelled) == (2, 8)
    assert len(changes(few, found.part)) == 2


def test_it_is_drawn_uniformly_of_the_other_classes():
    clean = part(6000)
    drawn = Counter(
        (one.labels, other.labels) for one, other in changes(clean, noised(clean, 0.9, 0).part)
    )
    assert len(drawn) == 12
    assert all(abs(many - 450) < 80 for many in drawn.values())


def test_it_follows_from_seed_and_ids_alone():
    clean = part()
    again = noised(part(), 0.2, 7).part
    assert again.images == noised(clean, 0.2, 7).part.images
    assert noised(clean, 0.2, 8).part.images != again.images
    backwards = Corpus.build("tiny", clean.images[::-1], [])
    assert set(noised(backwards, 0.2, 7).part.images) == set(again.images)
    turned = replace(clean, images=clean.images[::-1])
    assert noised(turned, 0.2, 7).part.images == again.images[::-1]


def test_of_several_labels_one_is_another():
    clean = part(labels=lambda n: (f"c{n % 4}", f"c{(n + 1) % 4}"))
    for one, other in changes(clean, noised(clean, 0.5, 0).part):
        assert len(set(other.labels)) == 2
        assert len(set(one.labels) & set(other.labels)) == 1


def test_items_without_a_label_and_with_all_stay():
    clean = part(labels=lambda n: () if n % 2 else ("c0", "c1"))
    found = noised(clean, 0.9, 0)
    assert (found.changed, found.labelled) == (0, 100)
    assert found.part.images == clean.images


def test_what_a_person_is_told():
    clean = part()
    untouched, told = with_noise(clean, 0.0, 0)
    assert untouched is clean
    assert told == ()
    (note,) = with_noise(clean, 0.2, 3)[1]
    assert note == (
        "label_noise = 0.2: 40 of 200 labelled items of tiny have a wrong label in training, "
        "drawn by seed 3"
    )
