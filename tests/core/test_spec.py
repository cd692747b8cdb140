"""Experiments: the road to TOML and back, labels, and everything that is refused."""

import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optlab.params import InputError, Kind, ParamSpec, ParamValue, Values, complete
from optlab.plugins import add_builtins
from optlab.registry import Catalog, Info, broken_rule
from optlab.spec import (
    BATCH_SIZE,
    TRAINING_PARAMS,
    ExperimentSpec,
    OptimizerSpec,
    ProblemSpec,
    TrainingSpec,
    automatic_label,
    check_spec,
    dump_spec,
    incompatible,
    labels,
    parse_spec,
    read_spec,
    resolved,
    spec_errors,
    spec_from_text,
    spec_warnings,
    trial_plans,
)


def built_in() -> Catalog:
    catalog = Catalog()
    add_builtins(catalog)
    return catalog


CATALOG = built_in()

GOOD = """
format = 1
title = "Good"
[problem]
name = "rosenbrock"
start = [-1.2, 1.0]
[training]
steps = 20
seeds = [0, 1]
[[optimizers]]
name = "SGD"
lr = 0.001
momentum = 0.9
[[optimizers]]
name = "Adam"
label = "Mine"
"""
TASK = GOOD.replace('"rosenbrock"\nstart = [-1.2, 1.0]', '"linear-regression"')


def read(text: str, *sets: str) -> ExperimentSpec:
    return spec_from_text(text, CATALOG, sets=sets)


def refusal(text: str, *sets: str) -> str:
    with pytest.raises(InputError) as error:
        read(text, *sets)
    message = str(error.value)
    assert len(message.splitlines()) == 1
    assert error.value.key in message or "\n" in error.value.key
    return message


def test_that_a_spec_holds_what_was_given_and_nothing_else() -> None:
    spec = read(GOOD)
    assert spec.title == "Good"
    assert spec.problem == ProblemSpec(
        name="rosenbrock", values=Values({"start": (-1.2, 1.0)})
    )
    assert spec.training == TrainingSpec(steps=20, seeds=(0, 1))
    first, second = spec.optimizers
    assert first == OptimizerSpec(
        name="SGD", values=Values({"lr": 0.001, "momentum": 0.9})
    )
    assert second == OptimizerSpec(name="Adam", label="Mine")


def test_that_the_defaults_of_a_training_are_those_of_its_parameters() -> None:
    assert TrainingSpec() == TrainingSpec(**dict(complete(TRAINING_PARAMS, {})))  # type: ignore[arg-type]


def test_that_a_spec_crosses_processes_and_can_be_a_key() -> None:
    spec = read(GOOD)
    copy = pickle.loads(pickle.dumps(spec))
    assert copy == spec
    assert len({spec, copy}) == 1


def numbers(param: ParamSpec) -> st.SearchStrategy[ParamValue]:
    low = -1e6 if param.low is None else param.low
    high = max(low + 1, 1e6) if param.high is None else param.high
    if param.kind in (Kind.INT, Kind.INTS):
        return st.integers(math.ceil(low), math.floor(high))
    return st.floats(
        low, high, exclude_min=param.low_open, exclude_max=param.high_open
    ) | (st.just(math.inf) if param.allow_inf else st.nothing())


def legal(param: ParamSpec) -> st.SearchStrategy[ParamValue]:
    """Draw anything that ``param`` allows."""
    if param.fixed:
        return st.just(param.default)
    if param.kind is Kind.WORDS:
        return st.just(param.default)
    if param.kind is Kind.BOOL:
        one: st.SearchStrategy[ParamValue] = st.booleans()
    elif param.kind is Kind.CHOICE:
        one = st.sampled_from(param.choices)
    elif param.kind is Kind.TEXT:
        one = st.just(param.default) if param.default else st.text()
    else:
        one = numbers(param)
    if param.optional:
        one |= st.none()
    if param.kind in (Kind.FLOATS, Kind.INTS):
        least, most = param.length or 1, param.length or 4
        many = st.lists(one, min_size=least, max_size=most, unique=param.distinct)
        return many.map(tuple) | st.just(param.default)
    return one


def some_values(info: Info, rules: tuple[Any, ...]) -> st.SearchStrategy[Values]:
    optional = {p.name: legal(p) for p in info.params}
    drawn = st.fixed_dictionaries({}, optional=optional).map(Values)
    return drawn.filter(lambda v: broken_rule(rules, info.complete(v)) is None)


LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)


@st.composite
def experiments(draw: st.DrawFn) -> ExperimentSpec:
    """Draw an experiment that may start, out of everything that OptLab ships."""
    problem = draw(st.sampled_from(list(CATALOG.problems)))
    fitting = [o for o in CATALOG.optimizers if not incompatible(o, problem)]
    training = {
        p.name: draw(legal(p))
        for p in TRAINING_PARAMS
        if p.name not in ("steps", "epochs")
    }
    if problem.stochastic and draw(st.booleans()):
        training["epochs"] = draw(st.floats(1e-3, 1e3))
    else:
        training["steps"] = draw(st.integers(1, 10**6))
    names = draw(st.lists(LINE.map(str.strip), min_size=1, max_size=4))
    typed = [n if names.index(n) == i else "" for i, n in enumerate(names)]
    entries = []
    for label in typed:
        info = draw(st.sampled_from(fitting))
        size = draw(st.none() | st.integers(1, 512)) if problem.stochastic else None
        values = draw(some_values(info, info.rules))
        entries.append(
            OptimizerSpec(name=info.name, label=label, values=values, batch_size=size)
        )
    return ExperimentSpec(
        title=draw(LINE),
        problem=ProblemSpec(
            name=problem.name, values=draw(some_values(problem, problem.rules))
        ),
        training=TrainingSpec(**training),  # type: ignore[arg-type]
        optimizers=tuple(entries),
    )


@settings(max_examples=150)
@given(experiments())
def test_that_an_experiment_reads_back_equal(spec: ExperimentSpec) -> None:
    assert list(spec_errors(spec, CATALOG)) == []
    text = dump_spec(spec, CATALOG)
    assert read(text) == spec
    assert dump_spec(read(text), CATALOG) == text


@settings(max_examples=60)
@given(experiments())
def test_that_a_resolved_experiment_is_complete_and_reads_back(
    spec: ExperimentSpec,
) -> None:
    whole = resolved(spec, CATALOG)
    assert read(dump_spec(whole, CATALOG)) == whole
    assert resolved(whole, CATALOG) == whole
    assert labels(whole, CATALOG) == labels(spec, CATALOG)
    for entry in whole.optimizers:
        info = CATALOG.optimizers.get(entry.name)
        assert set(entry.values) == {p.name for p in info.params}
        assert entry.label


@settings(max_examples=60)
@given(experiments())
def test_that_labels_are_unique_and_trials_cover_every_seed(
    spec: ExperimentSpec,
) -> None:
    found = labels(spec, CATALOG)
    assert len(set(found)) == len(found) == len(spec.optimizers)
    for label, entry in zip(found, spec.optimizers, strict=True):
        assert entry.label in ("", label)
    plans = trial_plans(spec, CATALOG)
    assert [p.trial for p in plans] == list(range(len(plans)))
    assert {(p.label, p.seed) for p in plans} == {
        (label, seed) for label in found for seed in spec.training.seeds
    }


@settings(max_examples=60)
@given(experiments(), st.data())
def test_that_one_wrong_value_is_refused_in_one_line_that_names_it(
    spec: ExperimentSpec, data: st.DataObject
) -> None:
    entry = data.draw(st.sampled_from(spec.optimizers))
    place = spec.optimizers.index(entry)
    info = CATALOG.optimizers.get(entry.name)
    param = data.draw(st.sampled_from(info.params))
    wrong = replace(entry, values=entry.values.with_value(param.name, "?\n"))
    entries = (*spec.optimizers[:place], wrong, *spec.optimizers[place + 1 :])
    errors = list(spec_errors(replace(spec, optimizers=entries), CATALOG))
    assert [e.key for e in errors] == [f"optimizers.{place}.{param.name}"]
    assert str(errors[0]).endswith(f"= '?\\n': {param.allowed()}")


# ---- labels ---------------------------------------------------------------------


def entry_of(name: str, **values: ParamValue) -> OptimizerSpec:
    return OptimizerSpec(name=name, values=Values(values))


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        (entry_of("SGD"), "SGD"),
        (entry_of("SGD", lr=0.1), "SGD (lr 0.1)"),
        (entry_of("SGD", lr=1e-3), "SGD"),
        (
            entry_of("SGD", lr=1e-8, momentum=0.9, nesterov=True),
            "SGD (lr 1e-8, momentum 0.9, nesterov)",
        ),
        (entry_of("SGD", fused=False), "SGD (fused off)"),
        (entry_of("Adam", betas=(0.5, 0.9)), "Adam (betas 0.5, 0.9)"),
        (
            OptimizerSpec(name="Adam", batch_size=16),
            "Adam (batch 16)",
        ),
    ],
)
def test_that_a_label_says_what_differs_from_the_defaults(
    entry: OptimizerSpec, label: str
) -> None:
    assert automatic_label(entry, CATALOG) == label


def test_that_equal_entries_are_numbered_around_typed_labels() -> None:
    entries = (
        entry_of("SGD"),
        entry_of("SGD"),
        OptimizerSpec(name="Adam", label="SGD #2"),
        OptimizerSpec(name="Adam", label="SGD"),
    )
    spec = replace(read(GOOD), optimizers=entries)
    assert labels(spec, CATALOG) == ("SGD #3", "SGD #4", "SGD #2", "SGD")


# ---- what is refused ------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format = 1", "format = 2", "format = 2: 1, the only format there is"),
        ("format = 1", "format = true", "format = True: 1, the only"),
        ('title = "Good"', "title = 3", "title = 3: one line of text in quotes"),
        ('title = "Good"', 'title = "a\\nb"', "title = 'a\\nb': one line of text"),
        ('title = "Good"', 'titel = "Good"', "titel: unknown; did you mean title?"),
        ('title = "Good"', '"a\\nb" = 1', "a\\nb: unknown; known are format, title"),
        ("[training]", "[[training]]", "training = [{'steps': 20, 'seeds': [0, 1]"),
        ('name = "rosenbrock"', "", "problem.name: one of quadratic-1d"),
        ('"rosenbrock"', '"rosenbork"', "did you mean rosenbrock"),
        ('"rosenbrock"', "3", "problem.name = 3: one of quadratic-1d"),
        ("start = [-1.2, 1.0]", "start = [1, 2, 3]", "problem.start"),
        ("start = [-1.2, 1.0]", "stat = [1, 2]", "problem.stat: unknown; did you"),
        ("steps = 20", "", "training.steps: give either steps or epochs"),
        ("steps = 20", "steps = 20\nepochs = 1", "give either steps or epochs"),
        ("steps = 20", "epochs = 1", "training.epochs = 1.0: Rosenbrock has no epochs"),
        ("steps = 20", "steps = 0", "training.steps = 0: a whole number ≥ 1"),
        ("steps = 20", "steps = 1e3", "training.steps = 1000.0: a whole number ≥ 1"),
        ("seeds = [0, 1]", "seeds = [0, 0]", "training.seeds = [0, 0]: a list of diff"),
        ("seeds = [0, 1]", "seeds = [-1]", "training.seeds = [-1]"),
        ("seeds = [0, 1]", "seeds = []", "training.seeds = []"),
        ("seeds = [0, 1]", "seed = 1", "training.seed: unknown; did you mean seeds"),
        ("lr = 0.001", "lr = -1", "optimizers.0.lr = -1: a finite number ≥ 0"),
        ("lr = 0.001", "lr = nan", "optimizers.0.lr = nan: a finite number ≥ 0"),
        ("lr = 0.001", 'lr = "fast"', "optimizers.0.lr = 'fast': a finite number"),
        ("lr = 0.001", "lr = 1979-05-27", "optimizers.0.lr = datetime.date(1979"),
        ("lr = 0.001", "learning_rate = 1", "optimizers.0.learning_rate: unknown"),
        ("lr = 0.001", "lr = 0x" + "f" * 5000, "a number of very many digits: a fin"),
        ("lr = 0.001", "lr = " + "9" * 5000, "TOML: not valid TOML"),
        ("lr = 0.001", "lr = " + "[" * 5000, "TOML: not valid TOML"),
        ("lr = 0.001", "differentiable = true", "it is fixed: steps are taken"),
        ("momentum = 0.9", "nesterov = true", "optimizers.0.nesterov = True: nester"),
        ("momentum = 0.9", "batch_size = 4", "batch_size = 4: Rosenbrock has no batch"),
        ("momentum = 0.9", "batch_size = 0", "optimizers.0.batch_size = 0: a whole"),
        ("momentum = 0.9", 'label = "Mine"', "optimizers.1.label = 'Mine': a label"),
        ("momentum = 0.9", "label = 1", "optimizers.0.label = 1: one line of text"),
        ("momentum = 0.9", 'label = "a\\rb"', "optimizers.0.label = 'a\\rb': one line"),
        ('name = "SGD"', "", "optimizers.0.name: one of SGD, ASGD"),
        ('name = "SGD"', 'name = "sdg"', "optimizers.0.name = 'sdg': unknown"),
        ('name = "Adam"', 'name = "Muon"', "Muon updates matrices only and Rosenbr"),
        ('name = "Adam"', 'name = "SparseAdam"', "SparseAdam takes sparse gradients"),
    ],
)
def test_that_what_is_wrong_is_named_in_one_line(old: str, new: str, says: str) -> None:
    assert GOOD.count(old) >= 1
    assert says in refusal(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "TOML: empty; give an experiment in TOML"),
        ("# nothing\n", "TOML: empty; give an experiment in TOML"),
        ("x = ", "TOML: not valid TOML: Invalid value"),
        ("a = 1\na = 2", "TOML: not valid TOML"),
        ("optimizers = 3", "problem.name: one of"),
        (GOOD.split("[[optimizers]]")[0], "optimizers: at least one [[optimizers]]"),
        (GOOD.split("[[optimizers]]")[0] + "[optimizers]\nname = 1", "optimizers ="),
        ("optimizers = [3]\n" + GOOD.split("[[opt")[0], "optimizers.0 = 3: a table"),
    ],
)
def test_that_what_is_no_experiment_is_refused(text: str, says: str) -> None:
    assert says in refusal(text)


def test_that_all_errors_are_found_at_once_in_the_order_of_a_form() -> None:
    spec = ExperimentSpec(
        title="a\nb",
        problem=ProblemSpec(name="rosenbrock", values=Values({"noise": -1, "dim": 1})),
        training=TrainingSpec(eval_every=0),
        optimizers=(
            OptimizerSpec(name="SGD", values=Values({"lr": "x", "nesterov": True})),
            OptimizerSpec(name="Nothing", label="A"),
            OptimizerSpec(name="Adam", label="A", batch_size=-1),
            OptimizerSpec(name="SGD", label="\t", values=Values({"nesterov": True})),
            OptimizerSpec(name="Rprop", values=Values({"etas": "?", "zzz": 1})),
        ),
    )
    keys = [error.key for error in spec_errors(spec, CATALOG)]
    assert keys == [
        "title",
        "problem.noise",
        "problem.dim",
        "training.eval_every",
        "training.steps",
        "optimizers.0.lr",
        "optimizers.1.name",
        "optimizers.2.batch_size",
        "optimizers.2.batch_size",
        "optimizers.3.label",
        "optimizers.3.nesterov",
        "optimizers.4.etas",
        "optimizers.4.zzz",
        "optimizers.2.label",
    ]
    with pytest.raises(InputError, match=r"^title"):
        check_spec(spec, CATALOG)


def test_that_an_unknown_problem_is_an_error_like_others() -> None:
    spec = replace(read(GOOD), problem=ProblemSpec(name="nothing"))
    assert [e.key for e in spec_errors(spec, CATALOG)] == ["problem.name"]


def test_that_no_optimizers_at_all_are_an_error() -> None:
    spec = replace(read(GOOD), optimizers=())
    assert [e.key for e in spec_errors(spec, CATALOG)] == ["optimizers"]


def test_that_optimizers_and_problems_that_cannot_meet_say_why() -> None:
    optimizers, problems = CATALOG.optimizers, CATALOG.problems
    never = {
        (o.name, p.name) for o in optimizers for p in problems if incompatible(o, p)
    }
    for problem in problems:
        assert (("Muon", problem.name) in never) is not problem.matrices
        assert (("SparseAdam", problem.name) in never) is not problem.sparse
    choosy = {o.name for o in optimizers if o.matrices_only or not o.dense_gradients}
    assert {name for name, _ in never} == choosy >= {"Muon", "SparseAdam"}
    assert any(p.sparse and p.matrices for p in problems)


def test_that_full_batch_methods_are_warned_of_on_mini_batches_only() -> None:
    rprop = replace(
        read(TASK), optimizers=(entry_of("Rprop"), entry_of("SGD"), entry_of("LBFGS"))
    )
    first, second = spec_warnings(rprop, CATALOG)
    assert first.startswith("Rprop: Rprop is meant for full batches")
    assert second.startswith("L-BFGS: L-BFGS is meant for full batches")
    assert spec_warnings(read(GOOD), CATALOG) == ()


# ---- changes on the command line ------------------------------------------------


@pytest.mark.parametrize(
    ("change", "look", "value"),
    [
        ("optimizers.0.lr=0.5", lambda s: s.optimizers[0].values["lr"], 0.5),
        ("optimizers.0.lr = .5", lambda s: s.optimizers[0].values["lr"], 0.5),
        ("optimizers.1.lr=1e-4", lambda s: s.optimizers[1].values["lr"], 1e-4),
        (
            "optimizers.1.amsgrad=true",
            lambda s: s.optimizers[1].values["amsgrad"],
            True,
        ),
        ("optimizers.1.label=Other one", lambda s: s.optimizers[1].label, "Other one"),
        ("optimizers.1.label='a=b'", lambda s: s.optimizers[1].label, "a=b"),
        ("training.seeds=[4, 5]", lambda s: s.training.seeds, (4, 5)),
        ("training.seeds=7", lambda s: s.training.seeds, (7,)),
        ("title=", lambda s: s.title, ""),
        ("problem.noise=0.1", lambda s: s.problem.values["noise"], 0.1),
    ],
)
def test_that_a_change_is_made_before_the_check(
    change: str, look: Callable[[ExperimentSpec], object], value: object
) -> None:
    assert look(read(GOOD, change)) == value


def test_that_changes_are_made_in_their_order() -> None:
    spec = read(GOOD, "optimizers.0.lr=0.5", "optimizers.0.lr=0.25")
    assert spec.optimizers[0].values["lr"] == 0.25


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("optimizers.0.lr", "--set = 'optimizers.0.lr': KEY=VALUE, such as"),
        ("=3", "--set = '=3': KEY=VALUE"),
        ("a..b=3", "--set = 'a..b=3': KEY=VALUE"),
        ("optimizers.9.lr=1", "optimizers.9 is no table"),
        ("optimizers.-1.lr=1", "optimizers.-1 is no table"),
        ("optimizers.00.lr=1", "optimizers.00 is no table"),
        ("optimizers." + "9" * 5000 + ".lr=1", "is no table"),
        ("optimizers.0=1", "optimizers is no table"),
        ("title.x=1", "title is no table"),
        ("title.x.y=1", "title.x is no table"),
        ("zzz.x=1", "zzz: unknown; known are format, title"),
        ("optimizers.0.lr=-1", "optimizers.0.lr = -1: a finite number ≥ 0"),
        ("optimizers.0.lr=", "optimizers.0.lr = '': a finite number ≥ 0"),
        ("optimizers.0.lr=" + "[" * 5000, "optimizers.0.lr = '[[["),
        ("training.steps=5\nseeds=3", "training.steps = '5\\nseeds=3': a whole"),
        ("a\nb=3", "a\\nb: unknown"),
    ],
)
def test_that_a_change_that_cannot_be_made_is_refused(change: str, says: str) -> None:
    assert says in refusal(GOOD, change)


# ---- files ----------------------------------------------------------------------


def test_that_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_spec(path, CATALOG) == read(GOOD)
    path.write_text(GOOD.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert read_spec(path, CATALOG, sets=["title=x"]).title == "x"


def test_that_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    cases: list[tuple[str, bytes | None, str]] = [
        ("missing.toml", None, "cannot be read: No such file or directory"),
        ("binary.toml", b"\xff\x00", "not a text file; give an experiment in TOML"),
        ("empty.toml", b"", "empty; give an experiment in TOML"),
        ("bad.toml", b"x = = 1", "not valid TOML"),
    ]
    for name, content, says in cases:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError) as error:
            read_spec(path, CATALOG)
        assert str(error.value).startswith(f"{path}: {says}")
        assert len(str(error.value).splitlines()) == 1
    with pytest.raises(InputError, match="Is a directory"):
        read_spec(tmp_path, CATALOG)


def test_that_a_dumped_spec_is_as_short_as_it_was_written() -> None:
    text = dump_spec(read(GOOD), CATALOG)
    assert "eval_every" not in text
    assert "weight_decay" not in text
    assert BATCH_SIZE.name not in text
    assert text.count("lr =") == 1


def test_that_a_resolved_group_has_the_defaults_of_its_own_optimizer() -> None:
    groups = [{"match": ":biases", "optimizer": "Adam", "lr": 0.5}]
    tree = {
        "problem": {"name": "spirals"},
        "training": {"steps": 3},
        "optimizers": [{"name": "SGD", "param_groups": groups}],
    }
    full = resolved(parse_spec(tree, CATALOG), CATALOG)
    values = full.optimizers[0].groups[0].values
    assert (values["lr"], values["betas"]) == (0.5, (0.9, 0.999))
    assert spec_from_text(dump_spec(full, CATALOG), CATALOG) == full


def test_that_labels_leave_out_what_is_tuned() -> None:
    text = """
        [problem]
        name = "rosenbrock"
        [training]
        steps = 1
        [tuning]
        [[optimizers]]
        name = "SGD"
        lr = 0.002
        momentum = 0.9
        [[optimizers]]
        name = "SGD"
        lr = 0.001
        [[optimizers]]
        name = "Adam"
        lr = 0.5
        eps = 1e-4
        space = { eps = [1e-8, 1e-2] }
    """
    spec = spec_from_text(text, CATALOG)
    assert labels(spec, CATALOG) == ("SGD (momentum 0.9)", "SGD", "Adam (lr 0.5)")
    plain = replace(spec, tuning=None)
    assert labels(plain, CATALOG)[0] == "SGD (lr 0.002, momentum 0.9)"
