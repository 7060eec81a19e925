"""A picture as a file, whatever script its words are in."""

import warnings

from pipeline.plots.canvas import figure, save
from pipeline.plots.svg import paper, svg


def test_a_letter_that_the_font_lacks_is_drawn_without_a_word_and_kept_in_a_page(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with figure(1, 1) as drawn:
            drawn.text(0.1, 0.5, "猫")
            save(drawn, tmp_path / "a.png")
        with paper() as drawn:
            drawn.text(0.1, 0.5, "猫")
            assert "猫" in svg(drawn).decode()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
