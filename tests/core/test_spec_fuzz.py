"""Experiments that nobody would write: one `InputError` each, and soon."""

import copy
import datetime
import tomllib
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.spec import dump_spec, parse_spec, spec_from_text, spec_warnings
from tests.promises import Note, Times

CATALOG = load_catalog()
PRESETS = tuple(preset.text for preset in CATALOG.presets)
TREES = tuple(tomllib.loads(text) for text in PRESETS)
MOST_MEAN_S = 0.005
MOST_S = 1.0
# Names, keys and formulas that lead into the code behind them.
WORDS = (
    *CATALOG.optimizers.names()[:20],
    *CATALOG.problems.names(),
    *CATALOG.schedulers.names(),
    *CATALOG.models.names(),
    *CATALOG.datasets.names(),
    *("name", "lr", "steps", "match", "scheduler", "param_groups", "noise", "x0"),
    *("__class__", "__reduce__", "__proto__", "constructor", "../../etc/passwd"),
    *("./none.py:Net", "~/x.npz", "/dev/zero", "/dev/null:X.py:Y", "none", "auto"),
    *("x^2 + y^2", "9**9**9**9", "x" * 3000, "(" * 3000, "__import__('os')", "x.real"),
    *("*.bias", "[" * 500, ":biases", "0..9", "0..99999999999", "1e400", "nan", ""),
)
NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from((0, -1, 1, 2**31, 2**63, -(2**63), 10**400, True, False)),
    st.floats(),
    st.sampled_from((1e308, 5e-324, -0.0, float("nan"), float("inf"))),
)
SCALARS = st.one_of(
    NUMBERS,
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.just("\ud800\x00\n\x1b[2J"),
    st.none(),
    st.just(datetime.date(2026, 1, 1)),
    st.binary(max_size=4),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), inner, max_size=4
        ),
    ),
    max_leaves=6,
)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with a key of it."""
    found = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in list(found):
        yield node, key
        if isinstance(part, dict | list):
            yield from places(part)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Return an experiment in which one to three things are not as they should be."""
    tree: dict[str, Any] = copy.deepcopy(TREES[draw(st.integers(0, len(TREES) - 1))])
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(tree))
        if not found:
            break
        node, key = found[draw(st.integers(0, len(found) - 1))]
        act = draw(st.sampled_from(("put", "put", "put", "drop", "name", "add")))
        if act == "put":
            node[key] = draw(VALUES)
        elif act == "drop":
            del node[key]
        elif isinstance(node, list):
            node.insert(0, draw(VALUES))
        elif act == "add":
            node[draw(st.sampled_from(WORDS))] = draw(VALUES)
        else:
            node[draw(st.text(max_size=8))] = node.pop(key)
    return tree


def check(error: InputError) -> None:
    """Check that an error says what it is about, and what would do."""
    assert error.key.strip()
    assert error.allowed
    assert len(str(error).splitlines()) == 1
    assert not {category(c) for c in str(error)} & {"Cc", "Cs", "Zl", "Zp"}
    assert error.value is None or " = " in str(error)


class Watch:
    """Does something that may only end well or in one `InputError`; takes the time."""

    def __init__(self) -> None:
        self.spent: list[float] = []
        self.refused = 0

    def __call__(self, act: Callable[[], object]) -> None:
        began = process_time()
        try:
            act()
        except InputError as error:
            self.spent.append(process_time() - began)
            self.refused += 1
            check(error)
        else:
            self.spent.append(process_time() - began)

    def tell(self, measured: Note) -> None:
        mean, longest = sum(self.spent) / len(self.spent), max(self.spent)
        share = self.refused / len(self.spent)
        measured(
            f"{1e3 * mean:.1f} ms on average, {1e3 * longest:.0f} ms at most, "
            f"{share:.0%} refused"
        )
        assert mean < MOST_MEAN_S
        assert longest < MOST_S
        assert share > 0.5


@pytest.mark.promise(16, "10,000 odd experiments: accepted, or one error that names it")
def test_that_an_odd_experiment_is_taken_or_refused_in_one_line(
    times: Times, measured: Note
) -> None:
    watch = Watch()

    @seed(16)
    @settings(
        max_examples=times(300, 10_000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(trees())
    def try_tree(tree: dict[str, Any]) -> None:
        taken = []
        watch(lambda: taken.append(parse_spec(tree, CATALOG)))
        for spec in taken:
            # What is taken can be saved, read again, and warned of.
            assert spec_from_text(dump_spec(spec, CATALOG), CATALOG) == spec
            spec_warnings(spec, CATALOG)

    try_tree()
    watch.tell(measured)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Return the text of a preset in which somebody's keyboard slipped."""
    text = draw(st.sampled_from(PRESETS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        until = at + draw(st.sampled_from((0, 0, 1, 1, 5, 80)))
        new = draw(
            st.one_of(
                st.text(max_size=4),
                st.sampled_from(
                    ("=", "[", "]", '"', "'''", "\n", "-", "9" * 5000, "\0", "#", ".")
                ),
                st.sampled_from([text[i : i + 60] for i in range(0, len(text), 60)]),
            )
        )
        text = text[:at] + new + text[until:]
    return text


@pytest.mark.promise(16, "1,000 mutations of good files: accepted, or one such error")
def test_that_a_mutation_of_a_good_file_is_taken_or_refused_in_one_line(
    times: Times, measured: Note
) -> None:
    watch = Watch()

    @seed(16)
    @settings(
        max_examples=times(150, 1_000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(texts())
    def try_text(text: str) -> None:
        watch(lambda: spec_from_text(text, CATALOG, name="preset.toml"))

    try_text()
    watch.tell(measured)
