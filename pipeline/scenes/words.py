"""The words for what is true of a scene; several for most truths."""

from collections.abc import Mapping

NOUNS = {
    "circle": ("circle", "disc"),
    "square": ("square", "box"),
    "triangle": ("triangle",),
    "star": ("star",),
    "cross": ("cross", "plus"),
    "heart": ("heart",),
}
SIZES = {"small": ("small", "little"), "big": ("big", "large")}
GROUNDS = {
    "plain": ("a plain background", "plain ground"),
    "upright": ("vertical stripes", "upright stripes"),
    "level": ("horizontal stripes", "level stripes"),
    "slanted": ("slanted stripes", "diagonal stripes"),
    "checked": ("a checked background", "a chequered pattern"),
    "dotted": ("a dotted background", "a pattern of dots"),
    "ringed": ("a pattern of rings", "concentric rings"),
    "fading": ("a fading background", "shaded ground"),
}
PLACES = {
    "top left": ("in the top left corner", "at the upper left"),
    "top right": ("in the top right corner", "at the upper right"),
    "bottom left": ("in the bottom left corner", "at the lower left"),
    "bottom right": ("in the bottom right corner", "at the lower right"),
}
RELATIONS = {
    "left of": ("to the left of", "left of"),
    "right of": ("to the right of", "right of"),
    "above": ("above", "higher up than"),
    "below": ("below", "lower down than"),
    "inside": ("inside", "within"),
    "around": ("around", "surrounding"),
    "in front of": ("in front of", "partly covering"),
    "behind": ("behind", "partly covered by"),
}
COUNTS = {"2": ("two", "a pair of"), "3": ("three", "a trio of")}
PHRASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "shape": NOUNS,
    "size": SIZES,
    "ground": GROUNDS,
    "place": PLACES,
    "relation": RELATIONS,
    "count": COUNTS,
}
"""Kind of fact -> its value -> what is said."""
THINGS = ("shape", "figure", "thing")
