"""What a command goes on with, in each case that a user may type."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from pipeline.memory import going_on
from pipeline.memory.going_on import Course, go_on
from pipeline.memory.remembered import NAME, Memory, read, remember, write
from pipeline.typed.by_make import ASKED_BY

QUESTIONS = {"split", "out", "work", "to"}
USUAL = {
    "path": "",
    "data_format": "auto",
    "backbone": "resnet152",
    "weights": "DEFAULT",
    "crops": "10",
    "layer": "pooled",
    "batch_size": "",
    "recipe": "vse++w",
    "assignments": "",
    "run": "",
    "seed": "0",
    "save_every": "10.0",
    "max_errors": "0.1",
    "device": "auto",
}


class Person:
    """Types commands in one folder, each of which ends well."""

    def __init__(self, work: Path):
        self.work = work

    def asks(self, to: str = "evaluate", **typed: Any) -> Course:
        """Without doing it: as a command that is refused."""
        values = {name: v if isinstance(v, tuple) else (v,) for name, v in typed.items()}
        return go_on(values, to=to, work=self.work, questions=QUESTIONS, usual=USUAL)

    def types(self, to: str, **typed: Any) -> Course:
        course = self.asks(to, **typed)
        if course.judged:
            return course
        places = {"path", "run"} & course.kept.keys()
        places |= {name for name, (*_, value) in course.kept.items() if value.endswith(".pth")}
        memory = remember(course.kept, places, course.made)
        made_by = (course.values[name] for name in ("path", "backbone") if name in course.values)
        cache = self.work / "features" / str(list(made_by))
        memory = memory.with_made(self.work, [cache], None)
        if to != "features":
            memory = memory.with_made(self.work, [cache], self.run_of(course))
        write(self.work, memory)
        return course

    def run_of(self, course: Course) -> Path:
        named = course.values.get("run")
        return Path(named[-1]) if named else self.work / "runs" / str(hash(str(course.values)))

    def remembers(self) -> dict[str, tuple[str, ...]]:
        memory = read(self.work)
        return memory.options() if memory else {}


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ASKED_BY, "make")
    for name in ("_is_finished", "finds_its_pictures"):
        monkeypatch.setattr(going_on, name, lambda run: True)
    monkeypatch.setattr(going_on, "gone", lambda run, work: [])
    for name in ("photos", "my photos", "others"):
        (tmp_path / name).mkdir()
    return Person(Path("work"))


PHOTOS = {"path": "photos", "backbone": "vgg19"}


def test_what_was_given_is_gone_on_with_and_said_first(person: Person) -> None:
    person.types("features", **PHOTOS)
    trained = person.types("train", assignments=("margin=0.1", "about=two words"))
    assert trained.lines == ["going on with DATA=photos BACKBONE=vgg19 (make forget forgets it)"]
    assert trained.values["backbone"] == ("vgg19",)
    judged = person.types("evaluate", split="val")
    assert judged.lines == [
        "going on with DATA=photos BACKBONE=vgg19 ARGS='--set margin=0.1 --set '\"'\"'about=two "
        "words'\"'\"'' (make forget forgets it)",
        f"asking the run that was made last, {person.run_of(trained)}",
    ]
    assert judged.judged == person.run_of(trained)
    assert judged.values["split"] == ("val",)
    assert judged.values["assignments"] == ("margin=0.1", "about=two words")


def test_without_make_it_is_said_in_options(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ASKED_BY)
    person.types("features", path="my photos", backbone="vgg19")
    assert person.asks("train").lines == [
        "going on with 'my photos' --backbone vgg19 (python -m pipeline forget forgets it)"
    ]


def test_a_question_is_not_remembered(person: Person) -> None:
    person.types("train", **PHOTOS, split="val", out="there", work="work")
    assert person.remembers() == {"path": ("photos",), "backbone": ("vgg19",)}


def test_what_is_given_takes_the_place_of_what_was(person: Person) -> None:
    person.types("features", **PHOTOS, crops="1")
    other = person.types("features", backbone="vgg16")
    assert other.values["backbone"] == ("vgg16",)
    assert other.lines == ["going on with DATA=photos CROPS=1 (make forget forgets it)"]
    assert person.remembers()["backbone"] == ("vgg16",)


def test_the_default_given_is_the_default(person: Person) -> None:
    person.types("train", **PHOTOS, seed="3")
    assert person.types("train", seed="0").values["seed"] == ("0",)
    assert person.remembers()["seed"] == ("0",)


def test_an_empty_value_is_the_default_again(person: Person) -> None:
    person.types("train", **PHOTOS, run="mine", assignments=("a=1",))
    course = person.types("train", run="", assignments=("",))
    assert not {"run", "assignments"} & course.kept.keys()
    assert "run" not in person.remembers()


def test_other_pictures_forget_all_of_it(person: Person) -> None:
    person.types("train", **PHOTOS, seed="3")
    course = person.types("train", path="others")
    assert course.values == {"path": ("others",)}
    assert course.lines == ["other pictures than before: not gone on with BACKBONE=vgg19 SEED=3"]
    assert person.remembers() == {"path": ("others",)}
    assert course.made == Memory()


def test_the_same_pictures_by_another_name_do_not(person: Person, tmp_path: Path) -> None:
    person.types("features", **PHOTOS)
    for name in ("./photos", str(tmp_path / "photos")):
        assert person.types("train", path=name).values["backbone"] == ("vgg19",)


def test_elsewhere_data_is_still_where_it_was(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.types("features", **PHOTOS)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    course = Person(tmp_path / "work").asks("train")
    assert course.values["path"] == (str(tmp_path / "photos"),)
    assert course.lines[0].startswith(f"going on with DATA={tmp_path / 'photos'} ")


def test_what_is_refused_is_not_remembered(person: Person) -> None:
    person.types("features", **PHOTOS)
    person.asks("features", backbone="vgg1")
    person.asks("features", path="phots")
    assert person.remembers() == {"path": ("photos",), "backbone": ("vgg19",)}


class TestRun:
    def test_alone_it_is_asked_as_it_is(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        before = person.remembers()
        course = person.asks(run="a run", device="cpu", max_errors="3", split="val", out="o")
        assert (course.judged, course.lines) == (Path("a run"), [])
        assert course.values.keys() == {"run", "device", "max_errors", "split", "out"}
        assert person.remembers() == before

    def test_alone_in_training_it_is_where_to_train(self, person: Person) -> None:
        person.types("features", **PHOTOS)
        course = person.types("train", run="mine")
        assert (course.judged, course.values["backbone"]) == (None, ("vgg19",))
        assert person.types("evaluate").judged == Path("mine").resolve()

    @pytest.mark.parametrize("other", [{"path": "photos"}, {"seed": "0"}, {"batch_size": "3"}])
    def test_with_others_it_is_where_to_train(self, person: Person, other: Any) -> None:
        assert person.asks(run="mine", **other).judged is None

    @pytest.mark.parametrize(
        ("name", "value"), [("seed", "1"), ("crops", "1"), ("assignments", "a=1"), ("recipe", "x")]
    )
    def test_what_makes_another_run_is_not_trained_into_it(
        self, person: Person, name: str, value: str
    ) -> None:
        person.types("train", **PHOTOS, run="mine")
        course = person.types("train", **{name: value})
        variable = "ARGS" if name == "assignments" else name.upper()
        assert "run" not in course.values
        assert course.lines[1] == f"not gone on with RUN=mine: it is of another {variable}"
        assert course.made == Memory()

    @pytest.mark.parametrize(
        ("name", "value"),
        [("seed", "0"), ("crops", "10"), ("backbone", "vgg19"), ("recipe", "vse++w")]
        + [("batch_size", "2"), ("save_every", "1"), ("device", "cpu"), ("max_errors", "5")],
    )
    def test_what_does_not_is(self, person: Person, name: str, value: str) -> None:
        person.types("train", **PHOTOS, run="mine")
        course = person.types("train", **{name: value})
        assert course.values["run"] == ("mine",)
        assert course.made.run == str(Path("mine").resolve())


def test_a_file_of_weights_is_that_of_its_backbone(person: Person, tmp_path: Path) -> None:
    person.types("features", **PHOTOS, weights="vgg19.pth")
    assert person.types("features", crops="1").values["weights"] == ("vgg19.pth",)
    course = person.types("features", backbone="vgg16")
    assert "weights" not in course.values
    assert course.lines[1] == ("not gone on with WEIGHTS=vgg19.pth: it is of another BACKBONE")
    person.types("features", weights="random")
    assert person.types("features", backbone="vgg11").values["weights"] == ("random",)


class TestSeveral:
    RECIPE = """
[features.whole]
backbone = "vgg19"
[features.large]
backbone = "alexnet"
"""

    def test_weights_for_each_are_those_of_their_backbones(self, person: Person) -> None:
        two = {"backbone": "vgg19,alexnet", "weights": "IMAGENET1K_V1,random"}
        person.types("features", path="photos", **two)
        assert person.types("train").values["weights"] == ("IMAGENET1K_V1,random",)
        assert person.types("train", crops="1").values["weights"] == ("IMAGENET1K_V1,random",)
        for other in ("alexnet,vgg19", "vgg19"):
            course = person.asks("train", backbone=other)
            assert "weights" not in course.values
            assert course.lines[1] == (
                "not gone on with WEIGHTS=IMAGENET1K_V1,random: it is of another BACKBONE"
            )

    def test_they_are_the_recipes_where_it_chooses_the_backbones(self, person: Person) -> None:
        Path("mine.toml").write_text(self.RECIPE)
        two = {"recipe": "mine.toml", "weights": "v.pth,a.pth"}
        person.types("features", path="photos", **two)
        assert person.types("train").values["weights"] == ("v.pth,a.pth",)
        assert person.types("train", backbone="vgg19,alexnet").values["weights"] == ("v.pth,a.pth",)
        person.types("train", backbone="")
        course = person.asks("train", recipe="vse++")
        assert "weights" not in course.values
        assert course.lines[1].startswith("not gone on with WEIGHTS=v.pth,a.pth: it is of another")

    def test_another_recipe_of_the_same_backbones_keeps_them(self, person: Person) -> None:
        for name in ("mine.toml", "other.toml"):
            Path(name).write_text(self.RECIPE)
        person.types("features", path="photos", recipe="mine.toml", weights="v.pth,a.pth")
        course = person.asks("train", recipe="other.toml")
        assert course.values["weights"] == ("v.pth,a.pth",)

    def test_a_recipe_that_is_gone_is_told_by_who_reads_it(self, person: Person) -> None:
        Path("mine.toml").write_text(self.RECIPE)
        person.types("features", path="photos", recipe="mine.toml", weights="random")
        Path("mine.toml").unlink()
        assert person.asks("train").values["weights"] == ("random",)


class TestMadeLast:
    def test_it_is_asked_only_if_nothing_that_makes_it_is_given(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        assert person.asks(device="cpu", max_errors="1", split="val").judged
        assert person.asks(backbone="vgg19").judged is None
        assert person.asks("train").judged is None

    def test_it_is_not_where_something_else_was_given_since(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        person.types("features", crops="1")
        assert person.asks().judged is None

    def test_where_there_is_none_it_is_not_said(self, person: Person) -> None:
        assert not any("asking" in line for line in person.asks().lines)
        person.types("features", **PHOTOS)
        course = person.asks()
        assert (course.judged, len(course.lines)) == (None, 1)

    def test_it_is_not_in_training_or_of_stage_one(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        for to in ("features", "train"):
            course = person.asks(to)
            assert (course.judged, len(course.lines)) == (None, 1)

    def test_in_another_place_it_is_another(self, person: Person) -> None:
        person.types("train", **PHOTOS, run="mine")
        assert person.asks("train", run="mine").made.run
        assert person.asks("train", run="other").made == Memory()
        assert person.asks("train", run="").made == Memory()

    @pytest.mark.parametrize("name", ["device", "max_errors"])
    def test_how_it_is_asked_is_remembered_and_makes_no_other(
        self, person: Person, name: str
    ) -> None:
        person.types("train", **PHOTOS, **{name: "1"})
        assert person.remembers()[name] == ("1",)
        assert person.asks("evaluate", **{name: "2"}).judged
        assert person.asks("train", **{name: "2"}).made.run

    def test_one_that_does_not_find_its_pictures_is_trained_for_those_of_now(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person.types("train", **PHOTOS)
        monkeypatch.setattr(going_on, "finds_its_pictures", lambda run: False)
        assert person.asks().judged is None

    def test_it_is_still_after_features_alone(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        person.types("features")
        assert person.asks().judged

    def test_an_unfinished_one_is_gone_on_with(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person.types("train", **PHOTOS)
        monkeypatch.undo()
        assert not going_on._is_finished(person.work / "runs" / "gone")
        monkeypatch.setattr(going_on, "_is_finished", lambda run: False)
        assert Person(Path.cwd() / "work").asks().judged is None


class TestScenes:
    def test_nothing_given_and_nothing_remembered(self, person: Person) -> None:
        course = person.types("features")
        assert course.draws
        assert course.lines == [
            "no DATA is given: the generated scenes in work/scenes-demo with BACKBONE=alexnet "
            "WEIGHTS=random CROPS=1 RECIPE=demo; with your own pictures: make eval DATA=photos"
        ]
        assert course.kept == {}
        assert person.types("train").values == course.values
        judged = person.asks()
        assert judged.judged
        assert judged.lines == [f"asking the run that was made last, {judged.judged}"]

    def test_a_backbone_has_its_trained_weights(self, person: Person) -> None:
        for to in ("features", "train", "evaluate"):
            typed = {"backbone": "resnet152"} if to == "features" else {}
            course = person.types(to, **typed)
            values = {"backbone": ("resnet152",), "crops": ("1",), "recipe": ("demo",)}
            assert {k: v for k, v in course.values.items() if k != "path"} == (
                values if to != "evaluate" else {"backbone": ("resnet152",)}
            )
        assert course.lines[0].startswith("going on with BACKBONE=resnet152 (")

    def test_what_is_given_is_taken(self, person: Person) -> None:
        course = person.asks("features", crops="10", weights="DEFAULT")
        assert course.values["crops"] == ("10",)
        assert course.values["weights"] == ("DEFAULT",)
        assert course.values["backbone"] == ("alexnet",)

    @pytest.mark.parametrize("name", ["work/scenes-demo", "./work/../work/scenes-demo"])
    def test_by_their_name_they_are_the_same(self, person: Person, name: str) -> None:
        course = person.asks("features", path=name)
        assert course.draws
        assert course.values["recipe"] == ("demo",)
        assert course.lines[0].startswith("the generated scenes in work/scenes-demo with ")

    def test_own_pictures_are_others(self, person: Person) -> None:
        person.types("features", backbone="vgg19")
        course = person.types("features", path="photos")
        assert course.values == {"path": ("photos",)}
        assert course.lines == ["other pictures than before: not gone on with BACKBONE=vgg19"]

    def test_they_lie_in_work(self, person: Person) -> None:
        course = Person(Path("elsewhere")).asks("features")
        assert "elsewhere/scenes-demo" in course.lines[0]


class TestDamaged:
    @pytest.fixture(autouse=True)
    def damaged(self, person: Person) -> None:
        person.types("train", **PHOTOS)
        (person.work / NAME).write_text("{}")

    def test_with_data_it_is_said_and_written_anew(self, person: Person) -> None:
        course = person.types("train", **PHOTOS)
        assert len(course.lines) == 1
        assert course.lines[0].endswith("nothing is gone on with")
        assert person.remembers() == {"path": ("photos",), "backbone": ("vgg19",)}

    def test_without_it_is_refused(self, person: Person) -> None:
        with pytest.raises(InputError, match="name the pictures with DATA, or type make forget"):
            person.asks("train")

    def test_a_run_alone_needs_nothing_of_it(self, person: Person) -> None:
        assert person.asks(run="r").lines == []


@pytest.mark.parametrize(
    ("to", "target"), [("features", "features"), ("train", "train"), ("evaluate", "eval")]
)
def test_pictures_that_are_gone_are_asked_for(person: Person, to: str, target: str) -> None:
    person.types("features", **PHOTOS)
    Path("photos").rmdir()
    with pytest.raises(InputError, match=f"photos, the DATA .*: make {target} DATA=PLACE$"):
        person.asks(to)
    assert person.asks(to, path="nowhere").values["path"] == ("nowhere",)


def test_data_is_not_empty(person: Person) -> None:
    with pytest.raises(InputError, match="DATA is empty; name a folder: make eval DATA=photos"):
        person.asks("train", path="")
