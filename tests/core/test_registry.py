"""The catalog: names that are unique, answers for those that are unknown."""

import math

import pytest

from optlab.params import InputError, Kind, ParamSpec, Values
from optlab.registry import Info, Registry, Rule, broken_rule, resolve


def info(name: str) -> Info:
    lr = ParamSpec(name="lr", kind=Kind.FLOAT, default=0.1, meaning="Rate.")
    return Info(name=name, label=name.upper(), description="One.", params=(lr,))


@pytest.fixture
def registry() -> Registry[Info]:
    registry = Registry[Info]("optimizer")
    registry.add(info("sgd"), info("adam"), info("adamw"))
    return registry


def test_that_infos_stay_in_the_order_of_their_arrival(
    registry: Registry[Info],
) -> None:
    assert registry.names() == ("sgd", "adam", "adamw")
    assert [i.name for i in registry] == ["sgd", "adam", "adamw"]
    assert len(registry) == 3
    assert "adam" in registry
    assert "lion" not in registry
    assert registry.get("adam").label == "ADAM"


def test_that_a_name_can_be_taken_once_only(registry: Registry[Info]) -> None:
    with pytest.raises(ValueError, match="optimizer 'adam' is in the catalog already"):
        registry.add(info("lion"), info("adam"))


def test_that_an_unknown_name_is_answered_with_the_nearest(
    registry: Registry[Info],
) -> None:
    with pytest.raises(InputError) as error:
        registry.get("adma", "optimizers.0.name")
    text = "optimizers.0.name = 'adma': unknown; did you mean adam, adamw?"
    assert str(error.value) == text
    with pytest.raises(InputError, match="optimizer = 'zzz': unknown; known are sgd"):
        registry.get("zzz")


def test_that_a_name_that_is_no_text_is_unknown_too(registry: Registry[Info]) -> None:
    with pytest.raises(InputError, match="unknown"):
        registry.get(["adam"])  # type: ignore[arg-type]


def test_that_an_info_gives_its_parameters_and_fills_in_defaults() -> None:
    one = info("sgd")
    assert one.param("lr").default == 0.1
    assert one.complete({}) == {"lr": 0.1}
    assert one.complete({"lr": 2.0}) == {"lr": 2.0}


def test_that_the_first_broken_rule_is_found() -> None:
    def positive(values: Values) -> bool:
        return values["a"] == 1

    def small(values: Values) -> bool:
        return values["b"] == 1

    rules = (
        Rule(keys=("a",), holds=positive, message="a must be 1"),
        Rule(keys=("b",), holds=small, message="b must be 1"),
    )
    assert broken_rule(rules, Values({"a": 1, "b": 1})) is None
    assert broken_rule(rules, Values({"a": 1, "b": 2})) is rules[1]
    assert broken_rule(rules, Values({"a": 2, "b": 2})) is rules[0]


def test_that_a_dotted_path_is_resolved_when_it_is_needed() -> None:
    assert resolve("math:sqrt") is math.sqrt
    assert resolve("optlab.params:Kind.FLOAT") is Kind.FLOAT
    with pytest.raises(ModuleNotFoundError):
        resolve("optlab.nothing:here")
    with pytest.raises(AttributeError):
        resolve("math:nothing")
