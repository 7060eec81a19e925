"""A tiny corpus and its sources for any task, and a training of them."""

import numpy as np
import torch

from core.records import Caption, Corpus, Image
from core.settings import keys
from core.sources import StoredVectors
from evaluate.judge import judge
from tests.pictured import pictured
from train.plan import Plan
from train.recipe import resolve
from train.training import train

SHAPES = {"pooled": (2, 7), "grid": (1, 4, 4, 7), "text": (1, 5)}
CPU = torch.device("cpu")
WIDE = ("image.widths", "text.widths")
COLOURS, THINGS = ("red", "green", "blue"), ("dog", "ball", "car", "tree")


def narrow(raw):
    """What makes hidden layers narrow, in a recipe that has widths of such: it would take time."""
    accepted = keys(type(resolve(raw)))
    return tuple(f"{key}=[8, 8]" for key in WIDE if key in accepted)


def world(recipe, folder):
    """(corpus, sources, modules) for the recipe's task: its file's own ``example``, or these.

    Twelve training pictures and four for validation, with labels, two captions each, and stored
    vectors for each source, of the shape that its layer suggests: of the layer ``text`` a vector a
    caption, of others a picture. Of a task that reads pixels there are pictures, and a CNN.
    """
    plugin = recipe.part("task")
    if hasattr(plugin, "example"):
        return plugin.example(folder)
    layers = plugin.sources(recipe.task)
    if "pixels" in layers.values():
        return pictured(folder)
    corpus = _corpus(folder)
    return corpus, {name: _vectors(corpus, layer) for name, layer in layers.items()}, {}


def fit(recipe, folder, run, *, progress=lambda *_, **__: None, seed=0, save_every=600.0, **named):
    """Train the recipe on its tiny corpus; stage three judges each epoch."""
    corpus, sources, modules = world(recipe, folder)
    return train(
        Plan.of(corpus, sources, recipe, seed),
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress,
        given={},
        modules=modules,
        save_every=save_every,
        **named,
    )


def _corpus(folder):
    splits = ["train"] * 12 + ["val"] * 4
    facts = [(COLOURS[i % 3], THINGS[i % 4]) for i in range(len(splits))]
    images = [
        Image(f"p{i:02d}", folder / f"p{i:02d}.jpg", split, facts[i])
        for i, split in enumerate(splits)
    ]
    captions = [
        (f"p{i:02d}", Caption(f"p{i:02d}#{n}", f"{'the ' * n}{colour} {thing}"))
        for i, (colour, thing) in enumerate(facts)
        for n in range(2)
    ]
    return Corpus.build("tiny", images, captions)


def _vectors(corpus, layer):
    ids = [item.id for item in (corpus.captions if layer == "text" else corpus.images)]
    shape = SHAPES.get(layer, SHAPES["pooled"])
    values = np.random.default_rng(0).normal(size=(len(ids), *shape)).astype(np.float32)
    return StoredVectors(ids, values, {"layer": layer})
