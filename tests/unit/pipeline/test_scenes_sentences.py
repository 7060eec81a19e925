"""Sentences say what their facts say, the facts hold, and it takes more than colours to match."""

import random
import re
from functools import cache
from itertools import permutations

import numpy as np
import pytest

from pipeline.scenes import words
from pipeline.scenes.sentences import Fact, Sentence, describe
from pipeline.scenes.world import COLOURS, Scene
from pipeline.scenes.write import scenes

PICTURES = 250
LEXICON = {**words.PHRASES, "colour": {colour: (colour,) for colour in COLOURS}}


@cache
def seen() -> list[Scene]:
    return list(scenes("test", PICTURES, seed=0))


@cache
def told() -> list[list[Sentence]]:
    return [describe(scene, random.Random(f"told {k}")) for k, scene in enumerate(seen())]


def holds(scene: Scene, fact: Fact, things: tuple[int, ...]) -> bool:
    """Whether a fact is true of the scene, where the fact's thing k is ``things[k]``."""
    kind = fact[0]
    if kind == "ground":
        return scene.pattern == fact[1]
    if kind == "count":
        return len(scene.things) == fact[1]
    first = things[int(fact[1])]
    if kind == "relation":
        return fact[2] in scene.relations(first, things[int(fact[3])])
    return bool(getattr(scene.things[first], str(kind)) == fact[2])


def fits(scene: Scene, facts: list[Fact]) -> bool:
    """Whether some of the scene's things can be those that the facts speak of."""
    whole = [fact for fact in facts if fact[0] in ("ground", "count")]
    if not all(holds(scene, fact, ()) for fact in whole):
        return False
    single = [fact for fact in facts if len(fact) == 3]
    pairs = [fact for fact in facts if fact[0] == "relation"]
    spoken = {int(fact[1]) for fact in single + pairs} | {int(fact[3]) for fact in pairs}
    numbers = dict(zip(sorted(spoken), range(3), strict=False))
    named = [(f[0], numbers[int(f[1])], f[2]) for f in single]
    named += [(f[0], numbers[int(f[1])], f[2], numbers[int(f[3])]) for f in pairs]
    return any(
        all(holds(scene, fact, things) for fact in named)
        for things in permutations(range(len(scene.things)), len(spoken))
    )


def value(fact: Fact) -> str:
    return str(fact[2] if len(fact) > 2 else fact[1])


def test_every_fact_holds_in_its_scene() -> None:
    same = (0, 1, 2)
    for scene, sentences in zip(seen(), told(), strict=True):
        for sentence in sentences:
            assert all(holds(scene, fact, same) for fact in sentence.facts), sentence


def test_a_sentence_says_its_facts_and_nothing_else() -> None:
    for sentence in (sentence for sentences in told() for sentence in sentences):
        rest = sentence.text.lower()
        said = [(kind, LEXICON[kind][value(f)]) for f in sentence.facts for kind in (str(f[0]),)]
        for _, phrases in sorted(said, key=lambda pair: -max(map(len, pair[1]))):
            found = [p for p in sorted(phrases, key=len, reverse=True) if _has(rest, p)]
            assert found, (sentence, phrases)
            rest = re.sub(rf"\b{found[0]}\b", "_", rest, count=1)
        kept = {
            w for kind in ("shape", "size", "colour") for ps in LEXICON[kind].values() for w in ps
        }
        assert not kept & set(re.findall(r"\w+", rest)), (sentence, rest)


OPPOSITES = (
    ({"left"}, {"right"}),
    ({"top", "upper", "above", "higher"}, {"bottom", "lower", "below"}),
    ({"small", "little"}, {"big", "large"}),
    ({"vertical", "upright"}, {"horizontal", "level"}),
    ({"inside", "within"}, {"around", "surrounding"}),
    ({"front", "covering"}, {"behind", "covered"}),
    ({"two", "pair", "2"}, {"three", "trio", "3"}),
)
"""Written by hand: the lexicon is not its own judge."""


@pytest.mark.parametrize("kind", LEXICON)
def test_phrases_mean_what_they_stand_for(kind: str) -> None:
    phrases = [phrase for said in LEXICON[kind].values() for phrase in said]
    assert len(set(phrases)) == len(phrases)
    for meaning, said in LEXICON[kind].items():
        for phrase in said:
            meant, spoken = set(meaning.split()), set(phrase.split())
            for one, other in (*OPPOSITES, *((b, a) for a, b in OPPOSITES)):
                assert bool(meant & one) == bool(spoken & one)
                assert not (meant & one and spoken & other)


def test_five_different_sentences_with_different_and_several_facts() -> None:
    for sentences in told():
        assert len({s.text for s in sentences}) == len(sentences) == 5
        assert len({frozenset(s.facts) for s in sentences}) >= 4
        assert min(len(set(s.facts)) for s in sentences) >= 4
        assert all(re.fullmatch(r"[A-Z][a-z ,:]+\.", s.text) for s in sentences)


@pytest.mark.parametrize(
    ("kinds", "least", "most"),
    [(set(LEXICON), 95.0, 100.0), ({"colour"}, 0.0, 4.0), ({"shape"}, 0.0, 30.0)],
)
def test_all_facts_find_the_picture_and_colours_do_not(
    kinds: set[str], least: float, most: float
) -> None:
    facts = [[f for f in s.facts if f[0] in kinds] for said in told() for s in said]
    fitting = np.array([[fits(scene, said) for scene in seen()] for said in facts])
    own = np.repeat(np.arange(PICTURES), 5)
    assert fitting[np.arange(len(own)), own].all()
    # Among equals one is drawn: a sentence that fits n pictures finds its own with 1/n.
    to_image = 100 * (1 / fitting.sum(axis=1)).mean()
    scores = np.where(fitting, np.array([len(said) for said in facts])[:, None], -1)
    best = scores == scores.max(axis=0)
    to_caption = 100 * np.mean([(own[best[:, i]] == i).mean() for i in range(PICTURES)])
    assert least <= to_image <= most
    assert least <= to_caption <= most


def test_the_same_colours_occur_in_many_pictures() -> None:
    bags = [frozenset(thing.colour for thing in scene.things) for scene in seen()]
    assert min(bags.count(bag) for bag in bags) >= 8


def test_a_false_fact_is_noticed() -> None:
    sentence = Sentence("", (("colour", 0, seen()[0].things[0].colour), ("count", 4)))
    assert not fits(seen()[0], list(sentence.facts))


def _has(text: str, phrase: str) -> bool:
    return re.search(rf"\b{phrase}\b", text) is not None
