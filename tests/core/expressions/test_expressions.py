import math
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest

from optlab.expressions import FUNCTION_NAMES, parse_expression
from optlab.expressions.functions import Floats, lanewise
from optlab.params import InputError

KEY = "problem.expression"
SMOOTH = {
    "rosenbrock": "(1-x)^2 + 100*(y-x**2)^2",
    "powers": "x**3*y - 2*y**-2 + (x**2 + 1)**0.5 + (x**2 + 2)**1.7",
    "quotient": "(x + 2*y)/(1 + x**2 + y^2)",
    "variable powers": "2**x * e^y + (x**2 + 1)**y",
    "trigonometric": "sin(x)*cos(y) + tan(x/4) + asin(x/4) + acos(y/4) + atan(x*y)",
    "hyperbolic": "sinh(x) + cosh(y)*tanh(x - y)",
    "logarithms": "log(x**2 + 1) + log2(y**2 + 1) + log10(3 + x*y/2)",
    "rastrigin": "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
    "roots": "sqrt(x**2 + y**2 + 1) - exp(-x*y/4)",
    "erf": "erf(x) * y + sign(3) - floor(2.5)",
}
POINTS = np.random.default_rng(0).uniform(-1.5, 1.5, (2, 50))


def by_sympy(text: str, *by: str) -> Any:
    """Return the function that SymPy makes of a derivative of the formula."""
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y", real=True)
    known = {"x": x, "y": y, "e": sympy.E, "pi": sympy.pi}
    known |= {
        "log2": lambda u: sympy.log(u) / sympy.log(2),
        "log10": lambda u: sympy.log(u) / sympy.log(10),
    }
    formula = sympy.sympify(text.replace("^", "**"), locals=known)
    for name in by:
        formula = sympy.diff(formula, known[name])
    return sympy.lambdify((x, y), formula, modules=["scipy", "numpy"])


@pytest.mark.parametrize("name", SMOOTH)
def test_that_values_and_derivatives_are_those_of_sympy(name: str) -> None:
    text = SMOOTH[name]
    mine = parse_expression(text, ("x", "y"), KEY)

    def agree(got: Any, *by: str) -> None:
        wanted = by_sympy(text, *by)(*POINTS) * np.ones(50)
        np.testing.assert_allclose(got(*POINTS), wanted, rtol=1e-10, atol=1e-10)

    agree(mine.function())
    for i, first in enumerate("xy"):
        agree(mine.gradient()[i], first)
        agree(lambda *p, i=i: mine.partials()(*p)[i], first)
        for j, second in enumerate("xy"):
            agree(mine.hessian()[i][j], first, second)


def test_that_every_function_has_the_slope_of_its_values() -> None:
    # Central differences, away from kinks.
    for name in FUNCTION_NAMES:
        two = name in ("min", "max")
        text = f"{name}(x, y)" if two else f"{name}(x)"
        formula = parse_expression(text, ("x", "y"), KEY)
        f, (slope, other) = formula.function(), formula.gradient()
        x, y, h = np.array([0.31, 0.77]), np.array([0.52, 0.44]), 1e-6
        rise = (f(x + h, y) - f(x - h, y)) / (2 * h)
        np.testing.assert_allclose(slope(x, y), rise, rtol=1e-8, atol=1e-9)
        rise = (f(x, y + h) - f(x, y - h)) / (2 * h)
        np.testing.assert_allclose(other(x, y), rise, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("x − y·2 × 3 ÷ 4", 2.0 - 4.5),
        ("x² + y³", 31.0),
        ("7 // x + 7 % y", 4.0),
        ("-7 % y", 2.0),
        ("π*e", math.pi * math.e),
        ("max(x, y, 5) - min(x, y, 1)", 4.0),
        ("softplus(1000) + sigmoid(-1000) + relu(-x)", 1000.0),
        ("1e3 + .5 + 2.", 1002.5),
        ("x\n  + y", 5.0),
    ],
)
def test_that_what_people_write_means_what_they_mean(text: str, value: float) -> None:
    function = parse_expression(text, ("x", "y"), KEY).function()
    assert function(2.0, 3.0) == pytest.approx(value, rel=1e-15)


REFUSED = {
    "__import__('os')": "is not allowed",
    "__import__(x)": "__import__ is not known",
    "x.real": "x.real is not allowed",
    "().__class__": "a * is missing",
    "x.__class__": "x.__class__ is not allowed",
    "x[0]": "is not allowed",
    "[x for x in y]": "is not allowed",
    "lambda: 0": "is not allowed",
    "x if y else 1": "x if y else 1 is not allowed",
    "x or y": "x or y is not allowed",
    "f'{x}'": "is not allowed",
    "(x, y)": "is not allowed",
    "*x": "cannot be read",
    "x +": "cannot be read",
    "x := 1": "is not allowed",
    "exec(x)": "exec is not known",
    "jump(x)": "jump is not known",
    "True": "is not allowed",
    "w + x": "w is not known",
    "2x": "a * is missing in '2x'",
    "2 (x)": "a * is missing in '2 ('",
    "(x)(y)": "a * is missing",
    "x(y)": "a * is missing in 'x('",
    "1if x": "a * is missing",
    "sin": "sin needs an argument",
    "sin(x, y)": "sin takes one argument",
    "max(x)": "max takes 2 arguments",
    "": "it is empty",
    "9**9**9**9": "no finite number",
    "1/0": "1/0 is no finite number",
    "x + log(-1)": "log(-1) is no finite number",
    "1e999": "no finite number",
    "-" * 900 + "x": "nested more than 100 deep",
    "(x, " + "-" * 900 + "x)": "is not allowed",
    "(" * 400 + "x" + ")" * 400: "cannot be read",
    "9" * 400: "too large",
    "x" * 5000: "more than 1000 characters",
    "x\x00": "is not allowed",
    "ｘ": "is not allowed",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:20]))
def test_that_anything_else_is_refused_in_one_line(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as caught:
            parse_expression(text, ("x", "y"), KEY)
    message = str(caught.value)
    assert message.startswith(f"{KEY} = ")
    assert REFUSED[text] in message
    assert "made of x, y, numbers" in message
    assert "\n" not in message


def test_that_a_variable_hides_a_constant_or_function_of_its_name() -> None:
    formula = parse_expression("0.95**(step // 30) * e", ("step", "e"), KEY)
    assert formula.function()(61, 2.0) == pytest.approx(0.95**2 * 2)
    assert formula.used == {"step", "e"}


def test_that_a_formula_broadcasts_and_a_constant_one_too() -> None:
    flat = parse_expression("3", ("x", "y"), KEY)
    assert (flat.function()(np.zeros((2, 1)), np.zeros(3)) == np.full((2, 3), 3)).all()
    assert (flat.gradient()[0](np.zeros(4), 0.0) == np.zeros(4)).all()
    half = parse_expression("x^2", ("x", "y"), KEY)
    assert half.function()(2.0, np.zeros(3)).tolist() == [4, 4, 4]
    assert half.used == {"x"}
    assert not half.function()(2.0, 1.0).shape


def test_that_no_element_depends_on_its_neighbours() -> None:
    for name in FUNCTION_NAMES:
        args = "x, 0.7" if name in ("min", "max") else "x"
        formula = parse_expression(f"{name}({args}) + x**2.5 + x**7", ("x",), KEY)
        f, slope = formula.function(), formula.gradient()[0]
        clean = np.linspace(0.05, 0.95, 9)
        for bad in (np.nan, np.inf, -np.inf, 1e30, 1e155, -1e308):
            for place in (0, 4, 8):
                spoiled = clean.copy()
                spoiled[place] = bad
                others = np.arange(9) != place
                for g in (f, slope):
                    assert g(spoiled)[others].tobytes() == g(clean)[others].tobytes()
                    alone = np.array([g(float(value)) for value in spoiled])
                    np.testing.assert_array_equal(alone, g(spoiled))


def test_that_large_elements_are_computed_apart_from_the_others() -> None:
    # Some builds of NumPy take another path for all, as this function does, if one
    # element is huge or not finite.
    def touchy(x: Floats) -> Floats:
        return x + (0.0 if (np.abs(x) < 1e6).all() else 1e-3)

    clean = np.linspace(-20.0, 20.0, 9)
    for bad in (np.nan, np.inf, -1e30):
        spoiled = clean.copy()
        spoiled[4] = bad
        result = lanewise(touchy)(spoiled)
        assert (np.delete(result, 4) == np.delete(clean, 4)).all()
        np.testing.assert_array_equal(result[4], bad + 1e-3)


def test_that_kinks_have_finite_slopes() -> None:
    for text in ("abs(x)", "relu(x)", "max(x, 0)", "min(x, -x)", "sign(x)", "x*abs(x)"):
        slope = parse_expression(text, ("x",), KEY).gradient()[0](0.0)
        assert -1 <= slope <= 1


def test_that_large_grids_are_given_their_memory_back() -> None:
    import tracemalloc

    text = " + ".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 30))
    formula = parse_expression(text, ("x", "y"), KEY).function()
    grid = np.zeros((200, 200))
    formula(grid, grid)
    tracemalloc.start()
    formula(grid, grid)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * grid.nbytes


def test_that_a_formula_is_typeset() -> None:
    formula = parse_expression("(1-x1)^2/3 + 2*pi*sqrt(x1) - (x1 - 1)", ("x1",), KEY)
    assert formula.latex() == (
        r"\frac{\left(1 - x_{1}\right)^{2}}{3} + 2 \pi \, \sqrt{x_{1}}"
        r" - \left(x_{1} - 1\right)"
    )


@pytest.mark.parametrize("name", SMOOTH)
def test_that_matplotlib_can_typeset_it(name: str) -> None:
    from matplotlib.mathtext import MathTextParser

    tex = parse_expression(SMOOTH[name], ("x", "y"), KEY).latex()
    MathTextParser("path").parse(f"${tex}$")


def test_that_nothing_slow_is_imported() -> None:
    code = (
        "import sys, optlab.expressions; "
        "sys.exit(any(m in sys.modules for m in ('torch', 'sympy', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
