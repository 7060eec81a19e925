"""Defaults, recipes, assignments; and messages that say what would have been accepted."""

import pytest
from train_fakes import warmed

from core.errors import SettingError
from pipeline import recipe_files
from tests.plugin_folder import PARTS, added
from train.losses import hinge
from train.phases import build_phases, cut_phases, idle_settings
from train.recipe import resolve
from train.schema import schema

THREE = {
    "epochs": 10,
    "loss": {"one": {"name": "hinge", "margin": 0.5}, "two": {"name": "hinge"}},
    "phase": {
        "zero": {"epochs": 2, "loss": {"one": 1.0}},
        "a": {"epochs": 3, "loss": {"two": 2.0}, "optimiser": {"name": "adam", "lr": 0.5}},
        "last": {"schedule": {"name": "step", "every": 2}},
    },
}


@pytest.fixture
def _parts():
    with added(PARTS):
        yield


def test_the_recipe_is_the_published_one():
    settings = resolve(recipe_files.read("vse++")).model_dump(exclude={"about", "features"})
    assert settings == {
        "task": {
            "name": "paired",
            "layer": "pooled",
            "embed_dim": 1024,
            "min_count": 4,
            "split": "words",
            "each_picture": "row",
            "max_tokens": 256,
            "mixup": 0.0,
            "similarity": "inner",
        },
        "epochs": 30,
        "batch_size": 128,
        "clip": 2.0,
        "average": 0.0,
        "precision": "float32",
        "guard": False,
        "restval": False,
        "phases": (),
        "phase": {},
        "gallery": {"bias": False, "bank": 1000},
        "image": {
            "name": "linear",
            "first": "xavier",
            "normalise": True,
            "scale": "length",
            "standardise": False,
            "statistics": "mean",
            "crop": "mean",
            "dropout": 0.0,
        },
        "text": {
            "name": "gru",
            "files": (),
            "tune": False,
            "scale": 0.3,
            "word_dim": 300,
            "directions": 1,
            "pool": "last",
            "word_dropout": 0.0,
            "size_augmentation": 0.0,
        },
        "loss": {
            "hardest": {
                "name": "hinge",
                "margin": 0.2,
                "negatives": "hardest",
                "same_image_negatives": True,
            }
        },
        "sampler": {"name": "pairs"},
        "optimiser": {"name": "adam", "lr": 2e-4, "beta1": 0.9, "beta2": 0.999},
        "schedule": {"name": "step", "every": 15, "decay": 0.1},
    }


def test_the_defaults_are_the_published_recipe():
    published = resolve(recipe_files.read("vse++"), ["about="]).model_dump()
    published["loss"] = {"hinge": published["loss"]["hardest"]}
    assert resolve({}).model_dump() == published


def test_the_same_parts_have_one_schema_and_another_version_of_one_has_its_own(monkeypatch):
    assert schema({}) is schema({"epochs": 3, "loss": {"hinge": {"margin": 0.5}}})
    assert schema({}) is not schema({"loss": {"other": {"name": "hinge"}}})
    before = resolve({"loss": {"hinge": {}}})
    monkeypatch.setattr(hinge, "Options", type("Options", (hinge.Options,), {}))
    assert type(resolve({"loss": {"hinge": {}}})) is not type(before)


@pytest.mark.parametrize("key", ["margin", "loss.margin", "hardest.margin", "loss.hardest.margin"])
def test_a_key_may_be_shortened_to_what_tells_it_apart(key):
    settings = resolve(recipe_files.read("vse++"), [f"{key}=0.1"])
    assert settings.section("loss.hardest").margin == 0.1


@pytest.mark.parametrize(
    ("key", "one", "two"),
    [("margin", 0.1, 0.1), ("one.margin", 0.1, 0.2), ("two.margin", 0.5, 0.1)],
)
def test_one_option_of_several_losses_is_set_in_all_of_them(key, one, two):
    settings = resolve(THREE, [f"{key}=0.1"])
    assert [settings.section(f"loss.{n}").margin for n in ("one", "two")] == [one, two]


def test_a_short_key_is_of_what_serves_every_phase():
    settings = resolve(THREE, ["lr=0.25", "every=9", "epochs=7"])
    assert settings.section("optimiser").lr == 0.25
    assert settings.section("phase.a.optimiser").lr == 0.5
    assert settings.section("schedule").every == 9
    assert settings.section("phase.last.schedule").every == 2
    assert settings.epochs == 7
    assert settings.section("phase.zero").epochs == 2


@pytest.mark.parametrize(
    ("assignment", "path", "field", "value"),
    [
        ("phase.a.optimiser.lr=0.75", "phase.a.optimiser", "lr", 0.75),
        ("phase.a.lr=0.75", "phase.a.optimiser", "lr", 0.75),
        ("phase.last.every=3", "phase.last.schedule", "every", 3),
        ("phase.zero.epochs=4", "phase.zero", "epochs", 4),
        ("phase.zero.rates.image.*=0", "phase.zero", "rates", {"image.*": 0.0}),
        ("phase.zero.loss.two=3", "phase.zero", "loss", {"one": 1.0, "two": 3.0}),
        ("phase.zero.optimiser=adam", "phase.zero.optimiser", "name", "adam"),
        ("image=linear", "image", "name", "linear"),
        ("text.name=gru", "text", "name", "gru"),
    ],
)
def test_an_assignment_reaches_its_place(assignment, path, field, value):
    assert getattr(resolve(THREE, [assignment]).section(path), field) == value


@pytest.mark.usefixtures("_parts")
def test_another_part_begins_with_its_own_defaults():
    recipe = {"text": {"name": "gru", "word_dim": 7}, "optimiser": {"name": "adam", "lr": 3.0}}
    same = resolve(recipe, ["text=gru", "optimiser=adam"])
    assert same.section("text").word_dim == 7
    assert same.section("optimiser").lr == 3.0
    other = resolve(recipe, ["text=normed_bag", "optimiser=downhill", "word_dim=8"])
    assert (other.section("text").name, other.section("text").word_dim) == ("normed_bag", 8)
    assert other.section("optimiser").model_dump() == {
        "name": "downhill",
        "lr": 0.1,
        "momentum": 0.9,
    }


@pytest.mark.usefixtures("_parts")
def test_another_task_brings_its_own_sections():
    recipe = {"image": {"name": "linear", "dropout": 0.5}, "epochs": 4}
    settings = resolve(recipe, ["loss=match", "task=two_vectors"])
    assert settings.part("task").__name__.endswith("two_vectors")
    assert settings.section("image") is None
    assert settings.epochs == 4


@pytest.mark.usefixtures("_parts")
def test_a_task_in_closed_form_leaves_out_what_only_steps_need():
    recipe = {
        "epochs": 9,
        "loss": {"a": {"name": "hinge"}},
        "optimiser": {"name": "adam", "lr": 3.0},
        "phase": {"one": {"epochs": 2}, "two": {}},
    }
    settings = resolve(recipe, ["task=correlated"])
    assert settings.epochs == 0
    assert not build_phases(settings)
    stored = settings.model_dump(mode="json")
    assert resolve(stored).model_dump(mode="json") == stored


@pytest.mark.usefixtures("_parts")
def test_what_only_steps_need_is_said_to_be_idle_without_them():
    given = ["clip=3.0", "batch_size=7", "restval=true"]
    (told,) = idle_settings(resolve({"task": {"name": "correlated"}}, given))
    assert told == "solved without a step: nothing reads batch_size, clip"
    assert not idle_settings(resolve({"task": {"name": "correlated"}}, ["clip=2.0"]))
    assert not idle_settings(resolve(THREE, given))


@pytest.mark.usefixtures("_parts")
@pytest.mark.parametrize("epochs", ["2", "many", "true"])
def test_a_task_in_closed_form_has_no_epochs(epochs):
    with pytest.raises(SettingError, match="epochs = .*: this task is .* has none; leave epochs"):
        resolve({"task": {"name": "correlated"}}, [f"epochs={epochs}"])
    assert resolve({"task": {"name": "correlated"}}, ["epochs=0"]).epochs == 0


def test_the_last_assignment_wins_over_the_recipe_over_the_default():
    assert resolve({"epochs": 4}).epochs == 4
    assert resolve({"epochs": 4}, ["epochs=5", "epochs=6"]).epochs == 6


@pytest.mark.parametrize("name", [*recipe_files.names(), "three"])
def test_resolved_settings_resolve_to_themselves(name):
    recipe = THREE if name == "three" else recipe_files.read(name)
    once = resolve(recipe, ["lr=0.001", "image.standardise=true"] if resolve(recipe).epochs else [])
    stored = once.model_dump(mode="json")
    # As JSON sorts the phases by name, their order is kept apart.
    if once.epochs:
        stored["phase"] = dict(sorted(stored["phase"].items()))
    again = resolve(stored)
    assert again.model_dump(mode="json") == once.model_dump(mode="json")
    assert [p.name for p in build_phases(again)] == [p.name for p in build_phases(once)]


def test_phases_come_in_the_recipes_order_or_in_the_one_asked_for():
    assert [(p.name, p.first, p.epochs) for p in build_phases(resolve(THREE))] == [
        ("zero", 1, 2),
        ("a", 3, 3),
        ("last", 6, 5),
    ]
    other = resolve(THREE, ['phases=["a", "zero", "last"]'])
    assert [(p.name, p.first) for p in build_phases(other)] == [("a", 1), ("zero", 4), ("last", 6)]


@pytest.mark.parametrize(
    ("epochs", "left", "told"),
    [
        (10, [2, 3, 5], []),
        (6, [2, 3, 1], []),
        (5, [2, 3], ["phase last has 0 epochs: epochs = 5 leave no more"]),
        (4, [2, 2], ["phase a has 2 epochs", "phase last has 0 epochs"]),
        (1, [1], ["phase zero has 1 epoch: ", "phase a has 0", "phase last has 0"]),
    ],
)
def test_fewer_epochs_cut_the_last_phases_and_that_is_said(epochs, left, told):
    settings = resolve(THREE, [f"epochs={epochs}"])
    assert [phase.epochs for phase in build_phases(settings)] == left
    said = cut_phases(settings)
    assert len(said) == len(told)
    assert all(sentence.startswith(start) for sentence, start in zip(said, told, strict=True))


def test_without_phases_there_is_one_with_every_loss():
    (only,) = build_phases(resolve({"loss": THREE["loss"], "epochs": 4}))
    assert (only.first, only.epochs, only.rates) == (1, 4, {})
    assert only.losses == {"one": 1.0, "two": 1.0}


def test_an_own_optimiser_is_an_own_one_and_the_top_one_is_shared():
    zero, a, last = build_phases(resolve(THREE))
    assert zero.optimiser is last.optimiser
    assert zero.optimiser is not a.optimiser


def test_a_schedule_counts_from_where_it_began():
    zero, a, last = build_phases(resolve(THREE, ["schedule.every=1", "decay=0.5"]))
    assert [phase.scheduled for phase in (zero, a, last)] == [0, 0, 5]
    assert zero.factor(1.0, []) == 0.5
    assert last.factor(0.0, []) == last.factor(1.9, []) == 1.0
    assert last.factor(2.0, []) == 0.5  # what it does not say of the same part, the top says


def test_a_phases_own_section_takes_the_part_and_the_options_of_the_top():
    recipe = {
        "optimiser": {"name": "adam", "lr": 0.5},
        "phase": {"one": {"epochs": 1, "optimiser": {}}, "two": {"optimiser": {"lr": 0.25}}},
    }
    with added(PARTS):
        assert _rates(resolve(recipe)) == [0.5, 0.25]
        assert _rates(resolve(recipe, ["lr=2.0"])) == [2.0, 0.25]
        other = resolve(recipe, ["optimiser=downhill", "lr=3.0"])
        assert [other.part(f"phase.{name}.optimiser") for name in ("one", "two")] == [
            other.part("optimiser")
        ] * 2
        assert _rates(other) == [3.0, 0.25]
        own = resolve(recipe, ["phase.two.optimiser=downhill"])
        assert _rates(own) == [0.5, 0.1]


def _rates(settings):
    return [settings.section(f"phase.{name}.optimiser").lr for name in ("one", "two")]


@pytest.mark.parametrize(
    ("recipe", "assignments", "message"),
    [
        ({}, ["margn=1"], r"unknown key 'margn': did you mean 'loss\.hinge\.margin'"),
        ({}, ["margn=1"], r"accepted: .*epochs"),
        (
            {},
            ["text=bag", 'files=["a.vec"]'],
            r"no part of this recipe has 'files'; others have it, as text cnn, gru, lstm, "
            r"transformer and vectors; choose one too, as with --set text=cnn$",
        ),
        ({}, ["text=bag", "text.files=a.vec"], r"--set text\.files: no part .*--set text=cnn$"),
        ({}, ["image.files=a.vec"], r"unknown key 'image\.files'"),
        ({}, ["loss=infonce", "margin=1"], r"others have it, as loss\.\w+ hinge.*=hinge"),
        ({}, ["name=x"], r"write task\.name or image\.name or .* several settings end so"),
        ({}, ["image=linea"], r"did you mean 'linear'"),
        ({}, ["loss=hing"], r"did you mean 'hinge'"),
        ({}, ["task=pared"], r"did you mean 'paired'"),
        ({}, ["optimiser=adamm"], r"did you mean 'adam'"),
        ({}, ["margin"], r"key=value"),
        ({}, ["epochs=0"], r"epochs = 0: a task with losses needs at least 1"),
        ({}, ["epochs=-1"], r"epochs = -1"),
        ({}, ["lr=NaN"], r"optimiser\.lr = nan"),
        ({}, ["negatives=hard"], r"'hardest' or 'all'"),
        ({}, ["phase.warm.epochs=1"], r"unknown key 'phase\.warm\.epochs'"),
        (THREE, ["phase.zero.epochs.x=1"], r"phase\.zero\.epochs\.x: epochs is a value, not a"),
        ({"epoch": 3}, [], r"unknown key 'epoch': did you mean 'epochs'"),
        ({"loss": {"a": {"margn": 1}}}, [], r"'loss\.a\.margn': did you mean 'loss\.a\.margin'"),
        ({"loss": "hinge"}, [], r"loss = 'hinge': write a section"),
        ({"image": "linear"}, [], r"image = 'linear': write a section"),
        ({"phase": {"a": {"optimiser": "adam"}}}, [], r"phase\.a\.optimiser = 'adam': write a se"),
        ({"loss": {"a": {"name": "hing"}}}, [], r"accepted: .*hinge"),
        ({"loss": {"a b": {}}}, [], r"loss\.a b: choose a name of letters"),
        (
            {"loss": {"a": {}, "b": {}}, "phase": {"p": {"loss": {"a": 1.0}}}},
            [],
            r"loss\.b counts in no phase",
        ),
        (THREE, ["phase.zero.loss.one=0"], r"weights are 0 or more, and one is above 0"),
        (THREE, ["phase.zero.loss.one=-1"], r"weights are 0 or more, and one is above 0"),
        ({"loss": {"values": {}}}, [], r"loss\.values: this word has a meaning"),
        ({"loss": {"training": {}}}, [], r"loss\.training: this word has a meaning"),
        ({"warmup_epochs": 2}, [], r"'warmup_epochs' is of recipes without phases; write phase\.N"),
        ({"lr_decay": 0.1}, [], r"write schedule\.decay"),
        ({"lr_decay_every": 3}, [], r"write schedule\.every"),
        ({"image": {"encoder": "linear"}}, [], r"'image\.encoder' is of .*; write image\.name"),
        ({"loss": {"name": "hinge"}}, [], r"write \[loss\.NAME\] for \[loss\]"),
        ({}, ["warmup_epochs=2"], r"--set warmup_epochs: .*write phase\.NAME\.epochs"),
        ({}, ["lr_decay=0.1"], r"write schedule\.decay"),
        (THREE, ['phases=["a", "last"]'], r"name each of \['a', 'last', 'zero'\] once"),
        (THREE, ['phases=["zero", "last", "a"]'], r"phase\.last is not the last: say how"),
        (THREE, ["phase.last.epochs=3"], r"phase\.last takes what the others leave"),
        (THREE, ["phase.zero.loss.three=1"], r"unknown key 'three'.*accepted: one, two"),
    ],
)
def test_what_is_not_accepted_is_named(recipe, assignments, message):
    with pytest.raises(SettingError, match=message):
        resolve(recipe, assignments)


@pytest.mark.usefixtures("_parts")
def test_a_part_may_have_an_option_of_a_former_name():
    schedule = resolve({"schedule": {"name": "rise", "warmup_epochs": 3}}).section("schedule")
    assert schedule.warmup_epochs == 3
    assert (
        resolve({"schedule": {"name": "rise"}}, ["warmup_epochs=2"])
        .section("schedule")
        .warmup_epochs
        == 2
    )


def test_a_warm_up_is_a_phase_with_a_loss_of_its_own():
    warm, main = build_phases(resolve(warmed(2), ["epochs=5"]))
    assert (warm.losses, warm.epochs) == ({"all": 1.0}, 2)
    assert (main.losses, main.epochs) == ({"hardest": 1.0}, 3)
    assert warm.optimiser is main.optimiser
