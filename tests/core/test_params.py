"""Parameters: what is legal, what is said otherwise, and the roads there and back."""

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.params import (
    InputError,
    Kind,
    ParamSpec,
    ParamValue,
    Values,
    check_values,
    complete,
    format_number,
    literal,
    printable,
    unknown_name,
)


def spec(kind: Kind, default: ParamValue, **rest: Any) -> ParamSpec:
    return ParamSpec(name="p", kind=kind, default=default, meaning="Does it.", **rest)


LR = spec(Kind.FLOAT, 0.1, low=0, low_open=True)
RATE = spec(Kind.FLOAT, 0.9, low=0, high=1, high_open=True)
LIMIT = spec(Kind.FLOAT, 1e12, low=0, low_open=True, allow_inf=True)
WIDTH = spec(Kind.FLOAT, None, optional=True, none_word="auto")
STEPS = spec(Kind.INT, 3, low=1, high=10)
COUNT = spec(Kind.INT, None, low=1, optional=True)
FLAG = spec(Kind.BOOL, False)
FUSED = spec(Kind.BOOL, None, optional=True, none_word="auto")
FORM = spec(Kind.CHOICE, "mean", choices=("mean", "sum"))
SEARCH = spec(Kind.CHOICE, None, choices=("wolfe",), optional=True)
NAME = spec(Kind.TEXT, "")
BETAS = spec(Kind.FLOATS, (0.9, 0.999), length=2, low=0, high=1, high_open=True)
EPS = spec(Kind.FLOATS, (None, 1e-3), length=2, low=0, optional=True)
START = spec(Kind.FLOATS, None, length=2, none_word="standard")
SEEDS = spec(Kind.INTS, (0,), low=0, distinct=True)
FIXED = spec(Kind.BOOL, False, fixed="there is no graph")
SPECS = tuple(value for value in list(globals().values()) if type(value) is ParamSpec)

LEGAL: list[tuple[ParamSpec, object, ParamValue]] = [
    (LR, 0.5, 0.5),
    (LR, 1, 1.0),
    (LR, 5e-324, 5e-324),
    (RATE, 0, 0.0),
    (RATE, 0.9999999999999999, 0.9999999999999999),
    (LIMIT, math.inf, math.inf),
    (WIDTH, None, None),
    (WIDTH, "auto", None),
    (WIDTH, "none", None),
    (WIDTH, -3, -3.0),
    (STEPS, 1, 1),
    (STEPS, 10, 10),
    (COUNT, "none", None),
    (COUNT, 2**63 - 1, 2**63 - 1),
    (FLAG, True, True),
    (FUSED, "auto", None),
    (FUSED, False, False),
    (FORM, "sum", "sum"),
    (SEARCH, None, None),
    (SEARCH, "none", None),
    (NAME, "none", "none"),
    (NAME, "", ""),
    (BETAS, [0, 0.5], (0.0, 0.5)),
    (BETAS, (0.1, 0.2), (0.1, 0.2)),
    (EPS, ["none", 1], (None, 1.0)),
    (EPS, [None, None], (None, None)),
    (START, "standard", None),
    (START, "none", None),
    (START, None, None),
    (START, [1, -2], (1.0, -2.0)),
    (SEEDS, 7, (7,)),
    (SEEDS, [3, 1, 2], (3, 1, 2)),
    (FIXED, False, False),
]

ILLEGAL: list[tuple[ParamSpec, object, str]] = [
    (LR, 0.0, "p = 0.0: a finite number > 0"),
    (LR, -1, "p = -1: a finite number > 0"),
    (LR, math.nan, "p = nan: a finite number > 0"),
    (LR, math.inf, "p = inf: a finite number > 0"),
    (LR, "0.1", "p = '0.1': a finite number > 0"),
    (LR, True, "p = True: a finite number > 0"),
    (LR, 10**400, "p = 1" + "0" * 56 + "…: a finite number > 0"),
    (LR, 16**6000, "p = a number of very many digits: a finite number > 0"),
    (LR, None, "p: a finite number > 0"),
    (LR, "none", "p = 'none': a finite number > 0"),
    (LR, [0.1], "p = [0.1]: a finite number > 0"),
    (RATE, 1, "p = 1: a finite number ≥ 0 and < 1"),
    (LIMIT, -math.inf, "p = -inf: a number > 0"),
    (LIMIT, math.nan, "p = nan: a number > 0"),
    (WIDTH, "automatic", "p = 'automatic': a finite number, or \"auto\""),
    (STEPS, 0, "p = 0: a whole number ≥ 1 and ≤ 10"),
    (STEPS, 11, "p = 11: a whole number ≥ 1 and ≤ 10"),
    (STEPS, 2.0, "p = 2.0: a whole number ≥ 1 and ≤ 10"),
    (STEPS, False, "p = False: a whole number ≥ 1 and ≤ 10"),
    (COUNT, 2**63, 'p = 9223372036854775808: a whole number ≥ 1, or "none"'),
    (FLAG, 1, "p = 1: true or false"),
    (FLAG, "true", "p = 'true': true or false"),
    (FLAG, None, "p: true or false"),
    (FUSED, "off", "p = 'off': true or false, or \"auto\""),
    (FORM, "max", "p = 'max': one of mean, sum"),
    (FORM, ["mean"], "p = ['mean']: one of mean, sum"),
    (SEARCH, "armijo", "p = 'armijo': one of wolfe, or \"none\""),
    (NAME, 3, "p = 3: text in quotes"),
    (BETAS, [0.9], "p = [0.9]: a list of numbers ≥ 0 and < 1 (2 of them)"),
    (BETAS, [0.9, 1.0], "p = [0.9, 1.0]: a list of numbers ≥ 0 and < 1 (2 of them)"),
    (BETAS, 0.9, "p = 0.9: a list of numbers ≥ 0 and < 1 (2 of them)"),
    (BETAS, [None, 0.9], "a list of numbers ≥ 0 and < 1 (2 of them)"),
    (BETAS, "none", "p = 'none': a list of numbers ≥ 0 and < 1 (2 of them)"),
    (EPS, "none", "a list of numbers ≥ 0 (2 of them), each may be \"none\""),
    (EPS, [-1, 1], "a list of numbers ≥ 0 (2 of them), each may be \"none\""),
    (START, ["none", 1], 'a list of numbers (2 of them), or "standard"'),
    (START, [[1, 2], 3], 'a list of numbers (2 of them), or "standard"'),
    (SEEDS, [], "p = []: a list of different whole numbers ≥ 0 (at least one of them)"),
    (SEEDS, [1, 1], "a list of different whole numbers ≥ 0"),
    (SEEDS, [-1], "a list of different whole numbers ≥ 0"),
    (SEEDS, [0.5], "a list of different whole numbers ≥ 0"),
    (FIXED, True, "p = True: it is fixed: there is no graph"),
    (FIXED, "on", "p = 'on': it is fixed: there is no graph"),
]  # fmt: skip


@pytest.mark.parametrize(("param", "given_value", "value"), LEGAL, ids=str)
def test_that_a_legal_value_becomes_canonical(
    param: ParamSpec, given_value: object, value: ParamValue
) -> None:
    result = param.check(given_value, "p")
    assert result == value
    assert type(result) is type(value)
    if isinstance(value, tuple) and isinstance(result, tuple):
        assert [type(v) for v in result] == [type(v) for v in value]


@pytest.mark.parametrize(
    ("param", "given_value", "message"), ILLEGAL, ids=[m for _, _, m in ILLEGAL]
)
def test_that_a_refusal_names_key_value_and_what_is_allowed(
    param: ParamSpec, given_value: object, message: str
) -> None:
    with pytest.raises(InputError) as error:
        param.check(given_value, "p")
    assert message in str(error.value)
    assert error.value.key == "p"
    assert error.value.value is given_value
    assert error.value.allowed == param.allowed()


def outcome(
    function: Callable[[Any, str], ParamValue], given_value: object
) -> "ParamValue | InputError":
    try:
        return function(given_value, "p")
    except InputError as error:
        return error


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 2**63])
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["none", "auto", "standard", "mean", "inf", "on"])
    | st.binary(max_size=3)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(param=st.sampled_from(SPECS), value=ANYTHING)
def test_that_whatever_is_given_is_taken_or_refused_in_one_line(
    param: ParamSpec, value: object
) -> None:
    result = outcome(param.check, value)
    if isinstance(result, InputError):
        assert str(result).startswith("p")
        assert param.allowed() in str(result)
        assert len(str(result).splitlines()) == 1
    else:
        assert param.check(param.to_toml(result), "p") == result
        assert param.check(result, "p") == result
        hash(result)


@given(param=st.sampled_from([p for p in SPECS if p is not NAME]), value=ANYTHING)
def test_that_what_is_shown_can_be_typed(param: ParamSpec, value: object) -> None:
    result = outcome(param.check, value)
    if isinstance(result, InputError):
        return
    shown = param.show(result)
    assert param.parse(shown, "p") == result
    assert param.parse(f"  {shown.replace('-', '−')} ", "p") == result


@given(param=st.sampled_from(SPECS), text=st.text(st.characters()))
def test_that_whatever_is_typed_is_taken_or_refused(
    param: ParamSpec, text: str
) -> None:
    result = outcome(param.parse, text)
    if isinstance(result, InputError):
        assert len(str(result).splitlines()) == 1
    else:
        assert param.check(result, "p") == result


@pytest.mark.parametrize(
    ("param", "text", "value"),
    [
        (LR, "1e-3", 1e-3),
        (LR, ".5", 0.5),
        (LR, "5.", 5.0),
        (LR, "1E5", 1e5),
        (LR, "3", 3.0),
        (WIDTH, "−2.5", -2.5),
        (WIDTH, "auto", None),
        (STEPS, " 7 ", 7),
        (FLAG, "on", True),
        (FLAG, "false", False),
        (FUSED, "auto", None),
        (FORM, "sum", "sum"),
        (BETAS, "0.9, 0.95", (0.9, 0.95)),
        (BETAS, "(0.9; 0.95)".replace(";", ","), (0.9, 0.95)),
        (EPS, "[none, 1e-3]", (None, 1e-3)),
        (START, "standard", None),
        (SEEDS, "4", (4,)),
        (SEEDS, "0, 1, 2,", (0, 1, 2)),
        (LIMIT, "inf", math.inf),
    ],
)
def test_that_a_form_takes_what_people_type(
    param: ParamSpec, text: str, value: ParamValue
) -> None:
    assert param.parse(text, "p") == value


@pytest.mark.parametrize(
    ("param", "text"),
    [
        (LR, ""),
        (LR, "0.1 0.2"),
        (LR, "0.1\nx = 2"),
        (LR, "9" * 5000),
        (LR, "[" * 5000),
        (STEPS, "1e1"),
        (STEPS, "2.0"),
        (BETAS, "0.9"),
        (BETAS, "a, b"),
        (SEEDS, "1; 2"),
        (FLAG, "yes"),
    ],
)
def test_that_a_form_refuses_what_makes_no_sense(param: ParamSpec, text: str) -> None:
    with pytest.raises(InputError) as error:
        param.parse(text, "p")
    assert len(str(error.value)) < 200


def test_that_a_literal_is_a_toml_value_a_number_or_the_text_itself() -> None:
    assert literal("true") is True
    assert literal("[1, 2]") == [1, 2]
    assert literal(" 'x' ") == "x"
    assert literal("cosine") == "cosine"
    assert literal("Infinity") == "Infinity"
    assert literal("1\nother = 2") == "1\nother = 2"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (100.0, "100"),
        (1e-8, "1e-8"),
        (1e16, "1e16"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-1.5e-7, "-1.5e-7"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        (7, "7"),
    ],
)
def test_that_numbers_are_written_as_people_write_them(
    number: float, text: str
) -> None:
    assert format_number(number) == text


@given(st.floats(allow_nan=False))
def test_that_a_written_number_reads_back_to_the_same_bits(number: float) -> None:
    assert float(format_number(number)) == number


def test_that_the_title_of_a_field_is_its_label_or_its_name() -> None:
    named = ParamSpec(name="max_iter", kind=Kind.INT, default=1, meaning="Do.")
    labelled = ParamSpec(
        name="max_iter", kind=Kind.INT, default=1, meaning="Do.", label="Most"
    )
    assert (named.title, labelled.title) == ("max iter", "Most")


def test_that_an_error_crosses_processes_whole() -> None:
    error = InputError("a.b", 3, "a smaller one")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.key, copy.value, copy.allowed) == ("a.b", 3, "a smaller one")
    assert str(copy) == str(error) == "a.b = 3: a smaller one"


def test_that_an_error_stays_one_line_whatever_its_key_holds() -> None:
    error = InputError("a\nb\u2028c\x1b[31m\udce9 ö\u3000好", "x\ny", "less\r\nmore")
    assert len(str(error).splitlines()) == 1
    assert str(error).encode("utf-8")
    assert "ö\u3000好 = 'x\\ny': less\\r\\nmore" in str(error)


@pytest.mark.parametrize("text", ["ü ∂ 好", "a\u00a0b", "👩\u200d🔬", ""])
def test_that_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_that_an_error_shows_what_was_given_and_not_what_it_looks_like() -> None:
    told = [str(InputError("k", value, "a")) for value in (1e3, 0.5, (3.0, 0.5))]
    assert told == ["k = 1000.0: a", "k = 0.5: a", "k = [3, 0.5]: a"]


def test_that_long_values_are_cut_in_messages() -> None:
    assert len(str(InputError("key", "x" * 1000, "less"))) < 80


def test_that_values_behave_like_a_frozen_mapping() -> None:
    values = Values({"lr": 0.1, "betas": (0.9, 0.99), "fused": None})
    assert dict(values) == {"lr": 0.1, "betas": (0.9, 0.99), "fused": None}
    assert list(values) == ["lr", "betas", "fused"]
    assert len(values) == 3
    assert values.get("nothing") is None
    with pytest.raises(TypeError):
        values["lr"] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        values.lr = 1  # type: ignore[attr-defined]


def test_that_equal_values_have_equal_hashes_in_any_order() -> None:
    one, other = Values({"a": 1, "b": 2.0}), Values({"b": 2, "a": 1.0})
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, Values({"a": 1})}) == 2


def test_that_values_survive_pickling() -> None:
    values = Values({"lr": 0.1, "betas": (0.9, None)})
    copy = pickle.loads(pickle.dumps(values))
    assert copy == values
    assert hash(copy) == hash(values)


def test_that_changed_copies_leave_the_original_alone() -> None:
    values = Values({"a": 1})
    assert values.with_value("b", 2) == {"a": 1, "b": 2}
    assert values.with_value("a", 3) == {"a": 3}
    assert values.without("a") == {}
    assert values.without("zzz") == values == {"a": 1}


def test_that_given_values_are_checked_and_nothing_is_filled_in() -> None:
    specs = (
        ParamSpec(name="lr", kind=Kind.FLOAT, default=0.1, meaning="Rate."),
        ParamSpec(name="steps", kind=Kind.INT, default=5, meaning="Steps."),
    )
    values = check_values(specs, {"lr": 1}, "optimizers.0")
    assert values == {"lr": 1.0}
    assert complete(specs, values) == {"lr": 1.0, "steps": 5}
    with pytest.raises(InputError, match=r"^optimizers\.0\.lr = 'x': a finite number$"):
        check_values(specs, {"lr": "x"}, "optimizers.0")
    with pytest.raises(InputError, match=r"^setps: unknown; did you mean steps\?$"):
        check_values(specs, {"setps": 3}, "")


def test_that_unknown_names_are_answered_with_the_nearest_or_with_all() -> None:
    near = unknown_name("k", "Admm", ["SGD", "Adam", "AdamW"])
    assert str(near) == "k: unknown; did you mean Adam, AdamW?"
    far = unknown_name("k", "zzz", ["SGD", "Adam"], value="zzz")
    assert str(far) == "k = 'zzz': unknown; known are SGD, Adam"
    assert str(unknown_name("k", "x", [])) == "k: unknown; nothing is allowed here"


@pytest.mark.parametrize("given", ["9..5", ["9..5"], [1, "9..5"]])
def test_that_a_range_that_runs_backwards_is_refused(given: object) -> None:
    spec = ParamSpec(name="seeds", kind=Kind.INTS, default=(0,), meaning="A test.")
    with pytest.raises(InputError, match="whole numbers"):
        spec.check(given, "seeds")
