"""Which caches are to be made, in each case that a person may type, against what is meant."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingError
from extract.settings import FeatureSettings
from pipeline.typed.by_make import ASKED_BY
from pipeline.typed.several import files, names, paths, with_commas, with_files
from pipeline.wanted import Wanted, own_backbones, wanted

TWO: dict[str, dict[str, Any]] = {
    "whole": {"backbone": "mobilenet_v2", "transform": "224:224", "crops": 2},
    "large": {"backbone": "mobilenet_v2", "transform": "288:288", "crops": 1},
    "small": {"backbone": "squeezenet1_1", "transform": "224:224", "crops": 2},
}
ANY: dict[str, dict[str, Any]] = {
    "whole": {"transform": "224:224"},
    "large": {"transform": "288:288", "weights": "IMAGENET1K_V2"},
}
NAMED = ("backbone", "weights", "transform", "crops")


def asked(tables: dict[str, Any] | None = None, **typed: Any) -> Wanted:
    return wanted(FeatureSettings.model_validate(typed), tables or {}, "mine")


def told(found: Wanted, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(each, name) for name in names) for each in found.caches]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class TestTyped:
    def test_nothing_is_one_cache_as_ever(self) -> None:
        assert asked() == Wanted((FeatureSettings().canonical(),))

    def test_each_backbone_is_a_cache_in_its_order(self) -> None:
        found = asked(backbone="vgg19, alexnet", crops=1)
        assert told(found, *NAMED) == [
            ("vgg19", "DEFAULT", None, 1),
            ("alexnet", "DEFAULT", None, 1),
        ]
        assert found.notes == ()

    @pytest.mark.parametrize("weights", ["DEFAULT", "random", "IMAGENET1K_V1"])
    def test_one_name_of_weights_serves_all(self, weights: str) -> None:
        found = asked(backbone="vgg19,alexnet", weights=weights)
        assert told(found, "weights") == [(weights,), (weights,)]

    def test_weights_belong_by_position(self) -> None:
        found = asked(backbone="vgg19,alexnet,resnet18", weights="v.pth,random,odd,,name.pth")
        assert told(found, "weights") == [("v.pth",), ("random",), ("odd,name.pth",)]

    def test_one_backbone_with_two_weights_is_two_caches(self) -> None:
        found = asked(backbone="vgg19,vgg19", weights="a.pth,b.pth")
        assert told(found, "weights") == [("a.pth",), ("b.pth",)]

    @pytest.mark.parametrize(
        ("backbone", "weights", "whose"),
        [
            ("vgg19,alexnet", "a.pth", "vgg19 has a.pth, alexnet has none; "),
            ("vgg19,alexnet", "a.pth,", "vgg19 has a.pth, alexnet has none; "),
            ("vgg19,alexnet", ",a.pth", "vgg19 has none, alexnet has a.pth; "),
            ("vgg19", "a.pth,b.pth", "vgg19 has a.pth, b.pth is of none; "),
            ("vgg19,alexnet", "a,b,c", "vgg19 has a, alexnet has b, c is of none; "),
        ],
    )
    def test_another_count_says_which_has_which(
        self, backbone: str, weights: str, whose: str
    ) -> None:
        with pytest.raises(SettingError) as refused:
            asked(backbone=backbone, weights=weights)
        said = str(refused.value)
        assert said.startswith(f"--weights {weights}: {whose}give one for each backbone")
        assert "a comma of a path is typed twice" in said
        assert "\n" not in said

    @pytest.mark.parametrize("backbone", ["vgg19,", ",vgg19", "vgg19,,alexnet"])
    def test_a_missing_name_is_refused(self, backbone: str) -> None:
        with pytest.raises(SettingError, match=f"--backbone {backbone}: a name is missing"):
            asked(backbone=backbone)

    @pytest.mark.parametrize("typed", [{}, {"weights": "random"}, {"weights": "a.pth,a.pth"}])
    def test_the_same_twice_is_refused(self, typed: dict[str, str]) -> None:
        with pytest.raises(SettingError, match="vgg19 twice with the same weights; name it once"):
            asked(backbone="vgg19,vgg19", **typed)

    def test_make_is_told_its_variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(ASKED_BY, "make")
        with pytest.raises(SettingError, match=r"^WEIGHTS=a.pth: vgg19 has a.pth, alexnet has no"):
            asked(backbone="vgg19,alexnet", weights="a.pth")

    def test_what_does_not_go_together_is_refused(self) -> None:
        with pytest.raises(SettingError, match="10 grids"):
            asked(backbone="vgg19,alexnet", layer="grid")


class TestRecipe:
    def test_its_own_backbones_are_made(self) -> None:
        found = asked(TWO)
        assert told(found, *NAMED) == [
            ("mobilenet_v2", "DEFAULT", "224:224", 2),
            ("mobilenet_v2", "DEFAULT", "288:288", 1),
            ("squeezenet1_1", "DEFAULT", "224:224", 2),
        ]
        assert found.notes == ()

    def test_weights_are_those_of_its_backbones_by_position(self) -> None:
        assert told(asked(TWO, weights="m.pth,s.pth"), "backbone", "weights") == [
            ("mobilenet_v2", "m.pth"),
            ("mobilenet_v2", "m.pth"),
            ("squeezenet1_1", "s.pth"),
        ]
        with pytest.raises(SettingError, match="mobilenet_v2 has m.pth, squeezenet1_1 has none"):
            asked(TWO, weights="m.pth")

    def test_of_a_backbone_that_is_typed_its_tables_serve(self) -> None:
        found = asked(TWO, backbone="squeezenet1_1", weights="s.pth")
        assert told(found, *NAMED) == [("squeezenet1_1", "s.pth", "224:224", 2)]
        assert found.notes == (
            "left out of mine: features.whole and features.large, of mobilenet_v2, by "
            "--backbone squeezenet1_1 (--backbone '': all it wants)",
        )

    def test_the_order_typed_counts(self) -> None:
        found = asked(TWO, backbone="squeezenet1_1,mobilenet_v2", weights="s.pth,m.pth")
        assert told(found, "backbone", "weights") == [
            ("squeezenet1_1", "s.pth"),
            ("mobilenet_v2", "m.pth"),
            ("mobilenet_v2", "m.pth"),
        ]

    def test_a_backbone_that_no_table_serves_has_one_cache_as_typed(self) -> None:
        found = asked(TWO, backbone="vgg19,squeezenet1_1", keep="all")
        assert told(found, *NAMED, "keep") == [
            ("vgg19", "DEFAULT", None, 10, "all"),
            ("squeezenet1_1", "DEFAULT", "224:224", 2, "all"),
        ]

    def test_a_table_without_a_backbone_serves_each(self) -> None:
        assert told(asked(ANY, backbone="vgg19,alexnet"), *NAMED[:3]) == [
            ("vgg19", "DEFAULT", "224:224"),
            ("vgg19", "IMAGENET1K_V2", "288:288"),
            ("alexnet", "DEFAULT", "224:224"),
            ("alexnet", "IMAGENET1K_V2", "288:288"),
        ]
        assert told(asked(ANY), "backbone") == [("resnet152",), ("resnet152",)]
        both = {**ANY, "one": {"backbone": "vgg19", "crops": 1}}
        assert told(asked(both), "backbone", "crops") == [
            ("vgg19", 10),
            ("vgg19", 10),
            ("vgg19", 1),
        ]

    def test_what_is_typed_goes_before_it_everywhere_and_that_is_said(self) -> None:
        found = asked(TWO, crops=1, transform="256:224", dtype="float16", batch_size=3)
        assert told(found, *NAMED, "dtype", "batch_size") == [
            ("mobilenet_v2", "DEFAULT", "256:224", 1, "float16", 3),
            ("squeezenet1_1", "DEFAULT", "256:224", 1, "float16", 3),
        ]
        assert found.notes == (
            "--transform 256:224 goes before features.whole, features.large and features.small of "
            "mine",
            "--crops 1 goes before features.whole and features.small of mine",
            "mine: features.whole and features.large are one cache",
        )

    def test_what_says_the_same_is_not_said(self) -> None:
        assert asked({"a": {"crops": 2}}, crops=2).notes == ()

    def test_weights_that_are_typed_go_before_its_own(self) -> None:
        found = asked(ANY, backbone="vgg19", weights="random")
        assert told(found, "weights") == [("random",), ("random",)]
        assert found.notes == ("--weights random goes before features.large of mine",)

    def test_its_backbones_are_each_one(self) -> None:
        assert own_backbones(TWO) == ["mobilenet_v2", "squeezenet1_1"]
        assert own_backbones(ANY) == []


class TestSeveral:
    @pytest.mark.parametrize("each", [["a"], ["a,b"], ["a", "b"], ["a,", "b", "c,,d"]])
    def test_what_is_joined_comes_apart(self, each: list[str]) -> None:
        assert paths(with_commas(each)) == each

    def test_a_file_of_just_this_name_is_one(self) -> None:
        Path("a,b.pth").touch()
        assert paths("a,b.pth") == ["a,b.pth"]
        assert told(asked(backbone="vgg19", weights="a,b.pth"), "weights") == [("a,b.pth",)]

    def test_names(self) -> None:
        assert names("a") == ["a"]
        assert names(" a ,b") == ["a", "b"]

    def test_the_files_among_them(self) -> None:
        assert files("weights", "a.pth,DEFAULT,b.safetensors") == [
            Path("a.pth"),
            Path("b.safetensors"),
        ]
        assert files("path", "my,photos") == [Path("my,photos")]

    def test_files_are_changed_and_names_are_not(self) -> None:
        def there(path: Path) -> str:
            return f"/x/{path}"

        assert with_files("weights", "a.pth,random,c,,d.pt", there) == "/x/a.pth,random,/x/c,,d.pt"
        assert with_files("weights", "a.pth", there) == "/x/a.pth"
        assert with_files("path", "my,photos", there) == "/x/my,photos"
