"""Counts as a person says them."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """``number`` with its noun; the plural has an ``s`` unless another one is given.

    Example:
        >>> counted(1, "picture"), counted(20, "picture")
        ('1 picture', '20 pictures')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
