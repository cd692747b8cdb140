"""Numbers as people read them."""

import pytest

from optlab.export.number_text import count, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.352, "0.3520"),
        (24.0, "24.00"),
        (0.0, "0"),
        (-0.0012345, "−0.001234"),
        (2.526e-5, "2.526×10⁻⁵"),
        (123456.7, "123\u2009457"),
        (1e300, "1.000×10³⁰⁰"),
        (5e-324, "4.941×10⁻³²⁴"),
        (0.99999, "1.000"),
        (float("nan"), "nan"),
        (float("-inf"), "−∞"),
    ],
)
def test_that_figures_have_sensible_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_that_thousands_are_parted_by_thin_spaces() -> None:
    assert count(1000) == "1000"
    assert count(1234567) == "1\u2009234\u2009567"
