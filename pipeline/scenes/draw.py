"""Scenes as pictures."""

from collections.abc import Callable

from PIL import Image, ImageDraw

from pipeline.scenes.shapes import outline
from pipeline.scenes.world import Scene, Thing

SIDE = 192
"""Pixels of a side."""

FINE = 3
"""Drawn so many times larger, then averaged down, which smooths the edges."""

RGB = {
    "red": (214, 40, 48),
    "blue": (38, 84, 214),
    "green": (28, 148, 66),
    "yellow": (250, 204, 30),
}
TONES = (
    ((246, 240, 226), (222, 210, 188)),
    ((228, 238, 244), (196, 214, 226)),
    ((236, 240, 228), (208, 218, 192)),
    ((244, 232, 234), (222, 202, 208)),
    ((236, 236, 236), (206, 206, 208)),
)
"""The two tones of a ground, by its tint."""

_Tones = tuple[tuple[int, int, int], tuple[int, int, int]]


def draw(scene: Scene) -> Image.Image:
    """The scene as an RGB picture of ``SIDE`` x ``SIDE`` pixels."""
    canvas = _GROUNDS[scene.pattern](TONES[scene.tint])
    pen = ImageDraw.Draw(canvas)
    for thing in scene.things:
        pen.polygon(_corners(thing), fill=RGB[thing.colour])
    return canvas.reduce(FINE)


def _corners(thing: Thing) -> list[tuple[float, float]]:
    full = SIDE * FINE
    scaled = thing.radius * full
    return [
        (thing.x * full + x * scaled, thing.y * full + y * scaled) for x, y in outline(thing.shape)
    ]


def _plain(tones: _Tones) -> Image.Image:
    return Image.new("RGB", (SIDE * FINE, SIDE * FINE), tones[0])


def _boxes(tones: _Tones, count: int, dark: Callable[[int, int], bool]) -> Image.Image:
    tiny = Image.new("RGB", (count, count), tones[0])
    for x in range(count):
        for y in range(count):
            if dark(x, y):
                tiny.putpixel((x, y), tones[1])
    return tiny.resize((SIDE * FINE, SIDE * FINE), Image.Resampling.NEAREST)


def _dotted(tones: _Tones) -> Image.Image:
    canvas = _plain(tones)
    pen = ImageDraw.Draw(canvas)
    step, radius = SIDE * FINE // 8, SIDE * FINE // 32
    for x in range(step // 2, SIDE * FINE, step):
        for y in range(step // 2, SIDE * FINE, step):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tones[1])
    return canvas


def _slanted(tones: _Tones) -> Image.Image:
    canvas = _plain(tones)
    pen = ImageDraw.Draw(canvas)
    full, step = SIDE * FINE, SIDE * FINE // 8
    for x in range(-full, full, 2 * step):
        pen.polygon(((x, full), (x + step, full), (x + step + full, 0), (x + full, 0)), tones[1])
    return canvas


def _ringed(tones: _Tones) -> Image.Image:
    canvas = _plain(tones)
    pen = ImageDraw.Draw(canvas)
    middle, step = SIDE * FINE // 2, SIDE * FINE // 16
    for ring in range(11, 0, -1):
        near, far = middle - ring * step, middle + ring * step
        pen.ellipse((near, near, far, far), fill=tones[ring % 2])
    return canvas


def _fading(tones: _Tones) -> Image.Image:
    slope = Image.linear_gradient("L").resize((SIDE * FINE, SIDE * FINE))
    light, dark = (Image.new("RGB", slope.size, tone) for tone in tones)
    return Image.composite(dark, light, slope)


_GROUNDS: dict[str, Callable[[_Tones], Image.Image]] = {
    "plain": _plain,
    "upright": lambda tones: _boxes(tones, 12, lambda x, y: x % 2 == 1),
    "level": lambda tones: _boxes(tones, 12, lambda x, y: y % 2 == 1),
    "slanted": _slanted,
    "checked": lambda tones: _boxes(tones, 12, lambda x, y: (x + y) % 2 == 1),
    "dotted": _dotted,
    "ringed": _ringed,
    "fading": _fading,
}
