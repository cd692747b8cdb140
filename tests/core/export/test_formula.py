"""Formulas: typeset in the asked colour, as fine as the screen, as PNG and SVG."""

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest

from optlab.export.formula import (
    FormulaError,
    FormulaStyle,
    formula_pixels,
    formula_svg,
    write_formula,
)
from optlab.params import InputError

TEX = (
    r"v \leftarrow \mu v + g",
    r"\theta \leftarrow \theta - \dfrac{\eta\,\hat m}{\sqrt{\hat v}+\epsilon}",
)


def test_that_a_formula_has_the_asked_colour_on_clear_ground() -> None:
    pixels = formula_pixels(TEX, FormulaStyle(color="#3366cc"))
    assert (pixels[..., :3] == (0x33, 0x66, 0xCC)).all()
    assert pixels[..., 3].min() == 0
    assert pixels[..., 3].max() == 255


def test_that_twice_the_ratio_is_twice_as_fine() -> None:
    plain = formula_pixels(TEX, FormulaStyle(size=20))
    fine = formula_pixels(TEX, FormulaStyle(size=20, ratio=2))
    for small, large in zip(plain.shape[:2], fine.shape[:2], strict=True):
        assert large == pytest.approx(2 * small, rel=0.1)


def test_that_lines_stand_below_each_other_and_do_not_touch() -> None:
    one, two = (formula_pixels([line], FormulaStyle()) for line in TEX)
    both = formula_pixels(TEX, FormulaStyle())
    assert both.shape[0] > one.shape[0] + two.shape[0]
    assert both.shape[1] == max(one.shape[1], two.shape[1])
    np.testing.assert_array_equal(both[: len(one), : one.shape[1]], one)
    np.testing.assert_array_equal(both[-len(two) :, : two.shape[1]], two)


def test_that_no_lines_make_an_empty_picture() -> None:
    assert formula_pixels((), FormulaStyle()).size == 0


@pytest.mark.parametrize("tex", [r"\nosuchword x", r"\frac{a}", "a^b^c", "{"])
def test_that_a_line_that_is_no_mathtext_is_named(tex: str) -> None:
    for make in (formula_pixels, formula_svg):
        with pytest.raises(FormulaError, match=re.escape(tex)):
            make([tex], FormulaStyle())


def test_that_nothing_of_matplotlib_is_changed() -> None:
    before = dict(mpl.rcParams)
    formula_pixels(TEX, FormulaStyle())
    formula_svg(TEX, FormulaStyle())
    assert dict(mpl.rcParams) == before


def test_that_an_svg_is_outlines_inside_its_box() -> None:
    root = ElementTree.fromstring(formula_svg(TEX, FormulaStyle(color="#3366cc")))
    assert root.get("fill") == "#3366cc"
    paths = [path.get("d") or "" for path in root]
    assert len(paths) == len(TEX)
    numbers = [float(x) for d in paths for x in re.findall(r"-?\d+\.\d+", d)]
    width, height = (float(root.get(side) or 0) for side in ("width", "height"))
    assert min(numbers[::2]) >= -1
    assert max(numbers[::2]) <= width + 1
    assert min(numbers[1::2]) >= -1
    assert max(numbers[1::2]) <= height + 1


def test_that_an_svg_is_as_large_as_the_picture() -> None:
    root = ElementTree.fromstring(formula_svg(TEX, FormulaStyle(size=20)))
    height, width = formula_pixels(TEX, FormulaStyle(size=20)).shape[:2]
    assert float(root.get("width") or 0) == pytest.approx(width, rel=0.1)
    assert float(root.get("height") or 0) == pytest.approx(height, rel=0.1)


def test_that_a_formula_is_written_and_never_over_another(tmp_path: Path) -> None:
    for name, head in (("f.png", b"\x89PNG"), ("f.svg", b"<svg")):
        path = tmp_path / name
        write_formula(TEX, path, FormulaStyle())
        assert path.read_bytes().startswith(head)
        with pytest.raises(InputError, match=name):
            write_formula(TEX, path, FormulaStyle())
