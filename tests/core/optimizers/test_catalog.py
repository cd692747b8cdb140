"""The catalog of optimizers: what holds for all, and torch's against the installed."""

import inspect
import math
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optlab.optimizers.catalog import OPTIMIZERS
from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.params import InputError, Kind, ParamSpec, ParamValue, Values
from optlab.registry import FAMILIES, OptimizerInfo, broken_rule
from tests.core.optimizers.toy import BY_NAME, TORCH, advance, make, net_for

every_optimizer = pytest.mark.parametrize("info", OPTIMIZERS, ids=lambda i: str(i.name))
every_torch_optimizer = pytest.mark.parametrize(
    "info", TORCH, ids=lambda i: str(i.name)
)
EVERY_PARAM = [(info, spec) for info in OPTIMIZERS for spec in info.params]
every_param = pytest.mark.parametrize(
    ("info", "spec"), EVERY_PARAM, ids=[f"{i.name}.{s.name}" for i, s in EVERY_PARAM]
)
EVERY_TORCH_PARAM = [(info, spec) for info in TORCH for spec in info.params]
# Where torch takes anything, the catalog asks for what makes sense: a negative
# lambd gives complex rates, an empty history of LBFGS an IndexError in mid-run.
UNCHECKED_BY_TORCH = {
    ("ASGD", "lambd"),
    ("ASGD", "alpha"),
    ("ASGD", "t0"),
    ("Rprop", "step_sizes"),
    ("LBFGS", "max_iter"),
    ("LBFGS", "max_eval"),
    ("LBFGS", "tolerance_grad"),
    ("LBFGS", "tolerance_change"),
    ("LBFGS", "history_size"),
    ("Muon", "eps"),
    ("Muon", "ns_steps"),
}

# torch obeys without a word and does something senseless, or fails in some steps only.
STRICTER_THAN_TORCH = {("step_sizes",), ("lr", "line_search_fn")}


def defaults_of(torch_class: type) -> dict[str, Any]:
    signature = inspect.signature(torch_class)
    return {n: p.default for n, p in signature.parameters.items() if n != "params"}


def torch_takes(info: OptimizerInfo, **values: ParamValue) -> bool:
    try:
        make(info, net_for(info), **values)
    except (ValueError, RuntimeError, TypeError):
        return False
    return True


def legal(spec: ParamSpec) -> st.SearchStrategy[ParamValue]:
    """Draw values of ``spec`` that are legal and within what is suggested."""
    if spec.fixed:
        return st.just(spec.default)
    low, high = spec.suggested or (0.0, 1.0)
    numbers: st.SearchStrategy[ParamValue] = st.floats(low, high)
    if spec.low is not None and not spec.low_open:
        numbers |= st.just(float(spec.low))
    if spec.kind is Kind.INT:
        numbers = st.integers(int(low), int(high))
    choices: dict[Kind, st.SearchStrategy[ParamValue]] = {
        Kind.BOOL: st.booleans(),
        Kind.CHOICE: st.sampled_from(spec.choices or ("",)),
    }
    one = choices.get(spec.kind, numbers)
    if spec.optional:
        one |= st.none()
    if spec.kind is Kind.FLOATS:
        length = spec.length or 1
        return st.tuples(*[one] * length) | st.just(spec.default)
    return one


def all_legal(info: OptimizerInfo) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({s.name: legal(s) for s in info.params}).map(Values)


def test_that_all_fifteen_classes_of_torch_are_there() -> None:
    found = {
        name
        for name, value in vars(torch.optim).items()
        if inspect.isclass(value) and issubclass(value, torch.optim.Optimizer)
    }
    assert {info.name for info in TORCH} == found - {"Optimizer"}
    assert len(TORCH) == 15


@every_torch_optimizer
def test_that_names_and_defaults_equal_those_of_torch(info: OptimizerInfo) -> None:
    own = {s.name: s.default for s in info.params if not s.name.startswith("rest_")}
    assert own == defaults_of(getattr(torch.optim, info.name))


def test_that_the_rest_of_muon_has_the_defaults_of_adamw() -> None:
    rest = [s for s in BY_NAME["Muon"].params if s.name.startswith("rest_")]
    adamw = defaults_of(torch.optim.AdamW)
    assert len(rest) == 4
    assert {s.name: s.default for s in rest} == {
        s.name: adamw[s.name.removeprefix("rest_")] for s in rest
    }


@every_param
def test_that_defaults_and_suggestions_are_legal(
    info: OptimizerInfo, spec: ParamSpec
) -> None:
    assert spec.check(spec.to_toml(spec.default), spec.name) == spec.default
    if spec.suggested is None or spec.kind in (Kind.FLOATS, Kind.INTS) or spec.fixed:
        return
    low, high = spec.suggested
    assert low < high
    for end in spec.suggested:
        value = end if spec.kind is Kind.FLOAT else int(end)
        assert spec.check(value, spec.name) == end


@every_param
def test_that_every_number_has_a_suggested_range_and_every_text_is_one_line(
    info: OptimizerInfo, spec: ParamSpec
) -> None:
    numeric = spec.kind not in (Kind.BOOL, Kind.CHOICE)
    assert (spec.suggested is not None) == numeric
    assert spec.meaning.endswith(".")
    assert "\n" not in spec.meaning
    assert 10 < len(spec.meaning) < 160


@every_optimizer
def test_that_every_optimizer_is_described(info: OptimizerInfo) -> None:
    assert info.description.endswith(".")
    assert info.formula
    assert ("code: torch.optim" in info.source) or info.home != "torch"
    assert info.family in FAMILIES
    assert 1840 < info.year < 2030
    lr = info.param("lr")
    assert info.typical_lr
    assert all(lr.check(value, "lr") == value for value in info.typical_lr)
    assert all(n.endswith(".") and "\n" not in n for n in info.notes)


@every_optimizer
def test_that_an_entry_is_plain_data_that_crosses_processes(
    info: OptimizerInfo,
) -> None:
    copy = pickle.loads(pickle.dumps(info))
    assert copy == info
    assert broken_rule(copy.rules, copy.complete({})) is None


def test_that_the_catalog_needs_no_torch() -> None:
    code = "import sys, optlab.optimizers.catalog; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["differentiable", "capturable"])
def test_that_what_cannot_work_here_is_fixed_with_its_reason(name: str) -> None:
    specs = [s for _, s in EVERY_PARAM if s.name == name]
    assert len(specs) >= 8
    for spec in specs:
        with pytest.raises(InputError, match=r"it is fixed: .{20}"):
            spec.check(True, name)


@pytest.mark.parametrize("name", ["foreach", "fused"])
def test_that_implementation_choices_are_automatic_unless_given(name: str) -> None:
    for _, spec in EVERY_PARAM:
        if spec.name == name:
            assert spec.default is None
            assert spec.show(None) == "auto"
            assert spec.check("auto", name) is None


def with_element(spec: ParamSpec, value: float) -> Iterator[ParamValue]:
    """Yield values of ``spec`` that hold ``value``, at each place of a sequence."""
    if not isinstance(spec.default, tuple):
        yield int(value) if spec.kind is Kind.INT else value
        return
    for i in range(len(spec.default)):
        yield (*spec.default[:i], float(value), *spec.default[i + 1 :])


def beyond(spec: ParamSpec, end: float, direction: float) -> float:
    if spec.kind is Kind.INT:
        return end + direction
    return math.nextafter(end, end + direction)


ENDS = [
    (info, spec, end, is_open, direction)
    for info, spec in EVERY_TORCH_PARAM
    for end, is_open, direction in (
        (spec.low, spec.low_open, -1.0),
        (spec.high, spec.high_open, 1.0),
    )
    if end is not None
]
every_end = pytest.mark.parametrize(
    ("info", "spec", "end", "is_open", "direction"),
    ENDS,
    ids=[f"{i.name}.{s.name}-{'low' if d < 0 else 'high'}" for i, s, _, _, d in ENDS],
)


@every_end
def test_that_ranges_end_where_those_of_torch_end(
    info: OptimizerInfo, spec: ParamSpec, end: float, is_open: bool, direction: float
) -> None:
    outside = end if is_open else beyond(spec, end, direction)
    inside = beyond(spec, end, -direction) if is_open else end
    checked = (info.name, spec.name) not in UNCHECKED_BY_TORCH
    for value in with_element(spec, outside):
        with pytest.raises(InputError):
            spec.check(value, spec.name)
        assert torch_takes(info, **{spec.name: value}) is not checked
    for value in with_element(spec, inside):
        assert spec.check(value, spec.name) == value
        allowed = broken_rule(info.rules, info.complete({spec.name: value})) is None
        assert torch_takes(info, **{spec.name: value}) is (allowed or not checked)


@pytest.mark.parametrize(
    ("info", "spec"),
    EVERY_TORCH_PARAM,
    ids=[f"{i.name}.{s.name}" for i, s in EVERY_TORCH_PARAM],
)
def test_that_torch_takes_whatever_the_catalog_does_not_bound(
    info: OptimizerInfo, spec: ParamSpec
) -> None:
    if spec.kind not in (Kind.FLOAT, Kind.FLOATS, Kind.INT):
        return
    probes = [-1e6] if spec.low is None else []
    probes += [1e6] if spec.high is None else []
    for probe in probes:
        for value in with_element(spec, probe):
            if broken_rule(info.rules, info.complete({spec.name: value})) is None:
                assert torch_takes(info, **{spec.name: value})


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("SGD", {"nesterov": True}, "nesterov needs momentum > 0"),
        (
            "SGD",
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            "dampening = 0",
        ),
        ("SGD", {"fused": True, "foreach": True}, "cannot both be on"),
        ("Adagrad", {"fused": True, "foreach": True}, "cannot both be on"),
        ("Adam", {"fused": True, "foreach": True}, "cannot both be on"),
        ("AdamW", {"fused": True, "foreach": True}, "cannot both be on"),
        ("Rprop", {"etas": (1.0, 1.2)}, "first of etas must be < 1"),
        ("Rprop", {"etas": (0.5, 1.0)}, "the second > 1"),
        ("Rprop", {"etas": (1.2, 0.5)}, "first of etas must be < 1"),
        ("Adafactor", {"eps": (1e-30, None)}, "second of eps must be a number"),
        ("Adafactor", {"eps": (None, None)}, "second of eps must be a number"),
    ],
)
def test_that_a_rule_says_what_torch_would_refuse(
    name: str, values: dict[str, ParamValue], words: str
) -> None:
    info = BY_NAME[name]
    rule = broken_rule(info.rules, info.complete(values))
    assert rule is not None
    assert words in rule.message
    assert set(rule.keys) <= {s.name for s in info.params}
    assert not torch_takes(info, **values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SGD", {"nesterov": True, "momentum": 0.9}),
        ("SGD", {"fused": True, "foreach": False}),
        ("SGD", {"fused": False, "foreach": True}),
        ("Adam", {"fused": True}),
        ("Rprop", {"etas": (0.999, 1.001)}),
        ("Adafactor", {"eps": (1e-30, 1e-3)}),
    ],
)
def test_that_a_rule_lets_through_what_torch_accepts(
    name: str, values: dict[str, ParamValue]
) -> None:
    info = BY_NAME[name]
    assert broken_rule(info.rules, info.complete(values)) is None
    assert torch_takes(info, **values)


def test_that_a_line_search_without_a_first_step_is_refused() -> None:
    info = BY_NAME["LBFGS"]
    values: dict[str, ParamValue] = {"lr": 0.0, "line_search_fn": "strong_wolfe"}
    rule = broken_rule(info.rules, info.complete(values))
    assert rule is not None
    assert rule.message == "a line search needs lr > 0, its first trial step"
    strict: dict[str, ParamValue] = {"tolerance_grad": 0.0, "tolerance_change": 0.0}
    named = net_for(info)
    with pytest.raises(ZeroDivisionError):
        advance(info, named, make(info, named, **values, **strict), 2)


def test_that_the_smallest_step_size_may_not_exceed_the_largest() -> None:
    info = BY_NAME["Rprop"]
    rule = broken_rule(info.rules, info.complete({"step_sizes": (2.0, 1.0)}))
    assert rule is not None
    assert rule.keys == ("step_sizes",)


@pytest.mark.parametrize("info", [*TORCH, *TEXTBOOK], ids=lambda i: str(i.name))
@settings(max_examples=40)
@given(data=st.data())
def test_that_legal_values_train_exactly_when_no_rule_is_broken(
    info: OptimizerInfo, data: st.DataObject
) -> None:
    values = data.draw(all_legal(info))
    rule = broken_rule(info.rules, values)
    assume(rule is None or rule.keys not in STRICTER_THAN_TORCH)
    named = net_for(info)
    try:
        advance(info, named, make(info, named, **values), 2)
    except (ValueError, RuntimeError, TypeError):
        assert rule is not None
    else:
        assert rule is None
