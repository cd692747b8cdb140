"""`list` and `show`, for everything that the catalog holds."""

import json

import pytest

from optlab import cli
from optlab.cards import card
from optlab.cli.catalogs import KINDS, infos
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.registry import FAMILIES, Catalog

CATALOG = load_catalog()
EVERYTHING = [(kind, info) for kind in KINDS for info in infos(CATALOG, kind)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_that_a_list_names_all_there_is(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["list", kind]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = infos(CATALOG, kind)
    assert [line.split()[0] for line in lines[1:]] == [info.name for info in found]
    assert len({len(line) > 30 for line in lines[1:]}) == 1


@pytest.mark.parametrize("kind", list(KINDS))
def test_that_a_list_as_json_holds_every_parameter(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["list", kind, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    for entry, info in zip(data, infos(CATALOG, kind), strict=True):
        assert entry["name"] == info.name
        names = [spec.name for spec in info.params]
        assert [param["name"] for param in entry["params"]] == names


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, info.name) for kind, info in EVERYTHING]
)
def test_that_everything_in_the_catalog_can_be_shown(
    kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", f"{kind}/{name}"]) == 0
    out = capsys.readouterr().out
    info = next(info for info in infos(CATALOG, kind) if info.name == name)
    assert out.startswith(f"{name} ({kind})\n")
    assert info.description in out
    rows = [line.split()[0] for line in out.splitlines() if line.strip()]
    assert all(spec.name in rows for spec in info.params)
    assert all(spec.meaning in out for spec in info.params)


def test_that_a_name_of_one_thing_needs_no_kind() -> None:
    names = [info.name for _, info in EVERYTHING]
    single = [name for name in names if names.count(name) == 1]
    assert all(cli.main(["show", name]) == 0 for name in single)


def test_that_a_name_is_found_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["show", "adamw"]) == 0
    assert capsys.readouterr().out.startswith("AdamW (optimizers)")


def test_that_defaults_ranges_and_rules_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["show", "SGD"]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("lr "))
    assert row.split()[1] == "0.001"
    assert "a finite number ≥ 0" in row
    assert "0.01 to 0.1" in row
    assert "nesterov needs momentum > 0 and dampening = 0" in out
    assert "doi:10.1214/aoms/1177729586" in out


@pytest.mark.parametrize(("name", "shown"), [("A2Grad", False), ("Adam", True)])
def test_that_a_usual_rate_is_shown_where_there_is_a_rate(
    name: str, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", f"optimizers/{name}"]) == 0
    assert ("\nUsual lr: " in capsys.readouterr().out) is shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_that_the_card_is_shown_in_the_asked_language(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", "Adam", "--lang", language]) == 0
    out = capsys.readouterr().out
    found = card("optimizer", "Adam")
    assert found is not None
    for heading, words in found.sections(language):
        colon = "：" if language == "zh" else ":"
        assert f"{heading}{colon}\n  {words}\n" in out
    assert found.link in out


def test_that_a_topic_is_shown_with_its_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["show", "batch-modes", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert "\n小批量梯度下降\n  原理：每次更新用 B 个样本" in out
    assert out.count("  优点：") == 3


def test_that_a_schedule_says_what_it_moves_and_how_it_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["show", "StepLR"]) == 0
    out = capsys.readouterr().out
    assert "η(k) = η₀·γ^⌊k / s⌋" in out
    assert 'scheduler = { name = "StepLR", step_size = … }' in out
    assert "give step_size" in out
    assert cli.main(["show", "OneCycleLR"]) == 0
    assert "Moves: lr and momentum" in capsys.readouterr().out


def test_that_all_schedules_and_diagnostics_are_listed_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["list", "schedulers"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    names = {line.split()[0] for line in lines}
    assert {"StepLR", "CosineAnnealingLR", "OneCycleLR", "WSD", "Warmup"} <= names
    assert len(names) == len(lines) == 20
    assert cli.main(["list", "diagnostics"]) == 0
    assert "sharpness" in capsys.readouterr().out
    assert cli.main(["show", "sharpness"]) == 0
    assert "Cost: about" in capsys.readouterr().out


def test_that_a_name_of_two_kinds_asks_for_the_kind() -> None:
    from optlab.cli.catalogs import find

    catalog = Catalog()
    catalog.problems.add(next(iter(CATALOG.problems)))
    catalog.metrics.add(*CATALOG.metrics)
    name = next(iter(CATALOG.problems)).name
    metric = next(iter(CATALOG.metrics))
    from dataclasses import replace

    catalog.metrics.add(replace(metric, name=name))
    with pytest.raises(InputError, match=f"problems/{name}, metrics/{name}"):
        find(catalog, name)
    assert find(catalog, f"metrics/{name}")[0] == "metrics"


def test_that_the_list_holds_what_a_choice_of_optimizers_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["list", "optimizers", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len({info["name"] for info in found}) == len(found) >= 105
    for info in found:
        assert info["family"] in FAMILIES
        assert info["source"]
        assert info["grad_evals"] >= 1
        assert info["state_floats"] >= 0
        assert isinstance(info["constraints"], list)
        assert all(param["meaning"] for param in info["params"])
    asking = {info["name"]: info["constraints"] for info in found}
    assert asking["Muon"] == ["Updates matrices only: weights of two dimensions."]
    assert asking["Adam"] == []
