"""Pixels as a source: stage one's centre crop, and chance that follows from a generator alone."""

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torchvision.transforms import RandomResizedCrop

from core.errors import CacheError, InputError
from core.files import file_sha256, json_sha256
from core.records import Image
from extract.augment import COUNT, TRIES, random_box, varied
from extract.images import crops, decode
from extract.pixels import Pixels
from extract.stated import DECODER, EXIF
from extract.transform import IMAGENET, Transform

SMALL = Transform(40, 32, "bilinear", IMAGENET.mean, IMAGENET.std)
SIZES = [(50, 60), (90, 41), (33, 70), (32, 32), (200, 150), (1, 1), (300, 9)]


@pytest.fixture
def images(tmp_path):
    found = []
    for number, (width, height) in enumerate(SIZES):
        path = tmp_path / f"{number}.png"
        values = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Pillow.fromarray(values).save(path)
        found.append(Image(path.name, path, "train"))
    return found


def test_without_chance_it_is_stage_ones_centre_crop(images):
    source = Pixels(images, SMALL)
    rows = source.rows([image.id for image in reversed(images)])
    found = source.read(rows)
    assert (source.shape, found.shape) == ((3, 32, 32), (len(images), 3, 32, 32))
    assert found.dtype == np.float32
    for image, pixels in zip(reversed(images), found, strict=True):
        expected = crops(decode(image.place.read_bytes()), SMALL, 1)[0]
        assert np.array_equal(pixels, expected.numpy())


def test_what_made_them_and_from_which_files(images):
    source = Pixels(images, SMALL)
    assert source.made_by == {"decoder": DECODER, "exif": EXIF, "transform": SMALL.facts()}
    assert source.encoder == json_sha256(source.made_by) == Pixels(images[:1], SMALL).encoder
    assert source.encoder != Pixels(images[:1], IMAGENET).encoder
    assert source.digests(np.array([2, 0])) == [file_sha256(images[i].place) for i in (2, 0)]
    assert (source.settings, source.code) == (None, None)


def test_what_was_looked_at_before_is_not_decoded_again(images, monkeypatch):
    images[1].place.write_bytes(b"no picture")
    first = Pixels(images, SMALL)
    assert first.failures.keys() == {images[1].id}
    monkeypatch.setattr("extract.pixels.crops", None)
    again = Pixels(images, SMALL, unreadable=first.failures)
    rows = first.rows([image.id for image in images])
    assert np.array_equal(again.rows([image.id for image in images]), rows)
    assert again.failures == first.failures
    assert again.digests(rows[rows >= 0]) == first.digests(rows[rows >= 0])


def test_the_same_generator_gives_the_same_bytes_in_one_call_or_several(images, monkeypatch):
    source, rows = Pixels(images, SMALL), np.array([4, 0, 4, 6, 5])
    first = source.read(rows, np.random.default_rng(7))
    assert np.array_equal(first, source.read(rows, np.random.default_rng(7)))
    draw = np.random.default_rng(7)
    torch.manual_seed(1)  # of no account
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    one_by_one = [source.read(rows[i : i + 1], draw) for i in range(len(rows))]
    assert np.array_equal(first, np.concatenate(one_by_one))
    assert not np.array_equal(first[0], first[2])
    assert not np.array_equal(first, source.read(rows, np.random.default_rng(8)))


def test_the_least_area_is_that_of_a_training_visit(images):
    narrow, wide = Pixels(images, SMALL), Pixels(images, SMALL, least_area=1.0)
    rows = np.arange(3)
    assert np.array_equal(narrow.read(rows), wide.read(rows))
    first, second = (each.read(rows, np.random.default_rng(5)) for each in (narrow, wide))
    assert not np.array_equal(first, second)
    assert narrow.encoder == wide.encoder


def test_torchs_own_random_numbers_are_left_alone(images):
    before = torch.get_rng_state()
    Pixels(images, SMALL).read(np.array([0, 1]), np.random.default_rng(0))
    assert torch.equal(before, torch.get_rng_state())


def test_the_whole_picture_and_its_mirror_image():
    values = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    picture = Pillow.fromarray(values)
    whole = np.tile([1.0, 0.5, 0.0, 0.0], TRIES)  # all of the area, a ratio of 1, no shift
    upright = varied(picture, SMALL, np.append(whole, 0.5))
    exact = Transform(32, 32, "bilinear", SMALL.mean, SMALL.std)
    assert torch.equal(upright, crops(picture, exact, 1)[0])
    mirrored = varied(picture, SMALL, np.append(whole, 0.4999))
    assert torch.equal(mirrored, upright.flip(2))
    assert not torch.equal(mirrored, upright)
    assert len(whole) + 1 == COUNT


def boxes(width, height, least_area=0.08):
    draw = np.random.default_rng(0)
    drawn = (draw.random((TRIES, 4)) for _ in range(4000))
    return np.array([random_box(width, height, chances, least_area) for chances in drawn]).T


@pytest.mark.parametrize("least", [0.08, 0.4])
@pytest.mark.parametrize(("width", "height"), [(500, 375), (375, 500), (224, 224), (64, 48)])
def test_boxes_lie_in_the_picture_and_have_the_areas_and_ratios_of_the_paper(width, height, least):
    top, left, high, wide = boxes(width, height, least)
    assert (top >= 0).all()
    assert (left >= 0).all()
    assert (top + high <= height).all()
    assert (left + wide <= width).all()
    share, rounding = wide * high / (width * height), 1.0 / min(high.min(), wide.min())
    assert least - rounding <= share.min() < least + 0.02
    assert 0.9 < share.max() <= 1
    ratio = np.log(wide / high)
    assert np.abs(ratio).max() <= np.log(4 / 3) + rounding
    assert ratio.min() < -0.2 < 0.2 < ratio.max()
    # Every place is as likely as another: the middle of the free way is its mean.
    free = wide < width - 10
    assert abs((left[free] / (width - wide[free])).mean() - 0.5) < 0.03
    assert abs((top[free] / np.maximum(1, height - high[free])).mean() - 0.5) < 0.05


def test_the_distribution_is_that_of_torchvisions_random_resized_crop():
    torch.manual_seed(0)
    blank = torch.empty(3, 375, 500)
    theirs = np.array(
        [RandomResizedCrop.get_params(blank, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(4000)]
    ).T
    ours = boxes(500, 375)
    for mine, other in zip(ours, theirs, strict=True):
        places = np.linspace(0.05, 0.95, 10)
        np.testing.assert_allclose(np.quantile(mine, places), np.quantile(other, places), atol=16)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [(1000, 10, (0, 493, 10, 13)), (10, 1000, (493, 0, 13, 10)), (1, 1, (0, 0, 1, 1))],
)
def test_where_nothing_fits_the_central_part_is_taken(width, height, box):
    never = np.tile([1.0, 0.5, 0.0, 0.0], (TRIES, 1))
    assert random_box(width, height, never) == box


def test_pictures_that_cannot_be_read_have_no_row(images, tmp_path):
    (tmp_path / "cut.png").write_bytes(images[0].place.read_bytes()[:900])
    (tmp_path / "page.jpg").write_text("<html>404</html>")
    Pillow.new("RGB", (30_000, 2)).save(tmp_path / "thin.png")
    bad = [Image(n, tmp_path / n, "train") for n in ("cut.png", "gone.png", "page.jpg", "thin.png")]
    seen = []
    mixed = [bad[0], images[1], *bad[1:], images[0]]
    source = Pixels(mixed, SMALL, progress=lambda *at: seen.append(at))
    assert source.rows(["1.png", *(b.id for b in bad), "0.png", "?"]).tolist() == [
        0, -1, -1, -1, -1, 1, -1,
    ]  # fmt: skip
    assert [source.failures[b.id].split()[0] for b in bad] == [
        "truncated:", "missing", "not", "too",
    ]  # fmt: skip
    assert seen == [(done, 6) for done in range(1, 7)]
    assert source.read(np.array([1, 0])).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("row", [-1, len(SIZES)])
def test_a_row_that_is_no_picture(images, row):
    source = Pixels(images, SMALL)
    for ask in (source.read, source.digests):
        with pytest.raises(CacheError, match=f"row {row} is no item.*answers with -1"):
            ask(np.array([0, row]))


def test_a_file_that_changes_or_goes_is_an_error(images):
    source = Pixels(images, SMALL)
    images[0].place.write_bytes(images[1].place.read_bytes())
    images[2].place.unlink()
    with pytest.raises(InputError, match="0.png changed while it was being read"):
        source.read(np.array([1, 0]))
    with pytest.raises(InputError, match="2.png .*missing file.*run the same command again"):
        source.read(np.array([1, 2]))
    assert source.read(np.array([1])).shape == (1, 3, 32, 32)
