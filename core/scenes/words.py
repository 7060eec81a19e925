"""The words for what is true of a scene; several for most truths."""

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
    "plain": ("a plain background", "empty ground"),
    "striped": ("upright stripes", "a background of vertical stripes"),
    "barred": ("level stripes", "a background of horizontal stripes"),
    "checked": ("a checked background", "a chequered pattern"),
    "dotted": ("a dotted background", "a pattern of dots"),
    "fading": ("a fading background", "ground that grows darker downwards"),
}
PLACES = {
    "top left": ("in the top left corner", "at the upper left"),
    "top middle": ("in the middle of the top", "at the top centre"),
    "top right": ("in the top right corner", "at the upper right"),
    "centre left": ("in the middle of the left side", "at the centre left"),
    "centre middle": ("right in the middle", "in the very centre"),
    "centre right": ("in the middle of the right side", "at the centre right"),
    "bottom left": ("in the bottom left corner", "at the lower left"),
    "bottom middle": ("in the middle of the bottom", "at the bottom centre"),
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
COUNTS = {2: ("two", "a pair of"), 3: ("three", "a trio of")}
THINGS = ("shape", "figure", "thing")
