"""An entry gets a schedule, param groups and another optimizer's words in its form."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.params import InputError, Values
from optlab.records import State
from optlab.registry import Catalog
from optlab.runner import Description, schedule_preview
from optlab.spec import (
    OptimizerSpec,
    ParameterInfo,
    SchedulerSpec,
    spec_from_text,
)
from optlab.ui import study
from optlab.ui.group_presets import group_presets, layers_of
from optlab.ui.main_window import MainWindow
from optlab.ui.nested import GROUPS, SCHEDULER
from optlab.ui.schedule_preview import SchedulePreview
from optlab.ui.translating import translated
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Hands

NET = (
    ParameterInfo(name="conv.weight", shape=(8, 3, 3, 3), kinds=(":convolutions",)),
    ParameterInfo(name="conv.bias", shape=(8,), kinds=(":vectors", ":biases")),
    ParameterInfo(
        name="hidden.weight", shape=(16, 8), kinds=(":matrices", ":hidden-matrices")
    ),
    ParameterInfo(name="hidden.bias", shape=(16,), kinds=(":vectors", ":biases")),
    ParameterInfo(name="out.weight", shape=(2, 16), kinds=(":matrices", ":output")),
    ParameterInfo(name="out.bias", shape=(2,), kinds=(":vectors", ":biases")),
)
FIRST: str = "optimizers.0"
SCHEDULE: str = f"{FIRST}.{SCHEDULER}"
ROWS: str = f"{FIRST}.{GROUPS}"


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small net in the place of the one that takes torch to be built."""

    def describe(_spec: object, _catalog: object) -> Description:
        return Description(parameters=NET, n_parameters=0, train_size=1000, notes=())

    monkeypatch.setattr(study, "describe", describe)


@pytest.fixture
def net(
    qtbot: QtBot, described: None, window: MainWindow, hands: Hands
) -> Callable[[str], None]:
    """A function that chooses an optimizer for a net and opens its param groups."""

    def choose(name: str) -> None:
        text = f"""
            format = 1
            title = "Groups"
            [problem]
            name = "image-classification"
            [training]
            steps = 100
            [[optimizers]]
            name = "{name}"
        """
        spec = spec_from_text(text, window.editor.catalog)
        window.editor.open(spec, source="groups.toml")
        hands.click(f"{FIRST}.head")
        hands.press(ROWS)
        qtbot.waitUntil(lambda: window.study.findings().description is not None)

    return choose


def entry(window: MainWindow) -> OptimizerSpec:
    """Return the first entry."""
    return window.editor.spec.optimizers[0]


def take(hands: Hands, menu: str, action: str) -> None:
    """Open a menu and trigger one of its entries."""
    found = hands.find(QMenu, menu)
    found.aboutToShow.emit()
    actions = found.findChildren(QAction, action)
    assert len(actions) == 1, f"{len(actions)} actions are named {action}"
    assert actions[0].isEnabled(), actions[0].toolTip()
    actions[0].trigger()


# -- schedules -----------------------------------------------------------------------


def open_schedule(hands: Hands) -> None:
    """Unfold the first entry and its schedule."""
    hands.click(f"{FIRST}.head")
    hands.press(SCHEDULE)


def test_that_every_schedule_can_be_chosen_and_has_its_fields(
    window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    open_schedule(hands)
    for info in catalog.schedulers:
        hands.choose(f"{SCHEDULE}.name", info.name)
        schedule = entry(window).scheduler
        assert schedule is not None
        assert schedule.name == info.name
        for spec in info.params:
            assert hands.find(QWidget, f"{SCHEDULE}.{spec.name}").accessibleName()


def test_that_the_preview_is_the_curve_of_the_schedule(
    window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    hands.type(f"{SCHEDULE}.step_size", "250")
    hands.type(f"{FIRST}.lr", "0.5")
    schedule = entry(window).scheduler
    assert schedule is not None
    wanted = schedule_preview(schedule, catalog, lr=0.5, steps=1000)
    assert wanted is not None
    steps, rates = hands.find(SchedulePreview, f"{SCHEDULE}.preview").curve
    assert np.array_equal(steps, wanted.steps)
    assert np.array_equal(rates, wanted.lr)
    assert (rates[0], rates[-1]) == (0.5, pytest.approx(0.5e-3))


def test_that_an_unfinished_schedule_says_what_is_missing(
    window: MainWindow, hands: Hands
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    hands.type(f"{SCHEDULE}.step_size", "required")
    words = hands.find(SchedulePreview, f"{SCHEDULE}.preview").words
    assert "step_size" in words
    assert not hands.find(QWidget, "start").isEnabled()
    hands.press("start.reason")
    assert hands.find(QWidget, f"{SCHEDULE}.step_size").hasFocus()


def test_that_a_schedule_by_the_run_has_no_curve_beforehand(hands: Hands) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "ReduceLROnPlateau")
    preview = hands.find(SchedulePreview, f"{SCHEDULE}.preview")
    assert len(preview.curve[0]) == 0
    assert preview.words


def test_that_the_explainer_is_asked_for_schedule_and_optimizer(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    panel = window.optimizers_panel
    with qtbot.waitSignal(panel.schedule_card_wanted) as schedule:
        hands.press(f"{SCHEDULE}.explain")
    with qtbot.waitSignal(panel.card_wanted) as optimizer:
        hands.press(f"{FIRST}.explain")
    assert (schedule.args, optimizer.args) == (["StepLR"], ["SGD"])


def test_that_parts_are_added_moved_and_taken_out(
    window: MainWindow, hands: Hands
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "LinearLR")
    hands.choose(f"{SCHEDULE}.name", "SequentialLR")
    hands.choose(f"{SCHEDULE}.schedulers.1.name", "ExponentialLR")
    hands.type(f"{SCHEDULE}.schedulers.1.gamma", "0.99")
    hands.type(f"{SCHEDULE}.milestones", "10")
    schedule = entry(window).scheduler
    assert schedule is not None
    assert [part.name for part in schedule.parts] == ["LinearLR", "ExponentialLR"]
    assert schedule.parts[1].values == {"gamma": 0.99}
    assert len(hands.find(SchedulePreview, f"{SCHEDULE}.preview").curve[0])
    hands.press(f"{SCHEDULE}.schedulers.add")
    schedule = entry(window).scheduler
    assert schedule is not None
    assert schedule.values["milestones"] == (10, 505)
    hands.press(f"{SCHEDULE}.schedulers.1.up")
    hands.press(f"{SCHEDULE}.schedulers.1.remove")
    schedule = entry(window).scheduler
    assert schedule is not None
    assert [part.name for part in schedule.parts] == ["ExponentialLR", "Constant"]
    assert schedule.values["milestones"] == (10,)


def test_that_a_schedule_is_taken_off_and_comes_back_by_undo(
    window: MainWindow, hands: Hands
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "ExponentialLR")
    hands.type(f"{SCHEDULE}.gamma", "0.9")
    before = entry(window)
    hands.choose(f"{SCHEDULE}.name", "")
    assert entry(window).scheduler is None
    hands.trigger("action.undo")
    assert entry(window) == before
    assert hands.text(f"{SCHEDULE}.gamma") == "0.9"


@pytest.mark.parametrize(
    "name",
    [
        "StepLR",
        "MultiStepLR",
        "ExponentialLR",
        "CosineAnnealingWarmRestarts",
        "CyclicLR",
        "OneCycleLR",
        "SWALR",
        "LambdaLR",
        "MultiplicativeLR",
        "SequentialLR",
        "ChainedScheduler",
    ],
)
def test_that_a_schedule_that_wants_a_value_begins_with_a_natural_one(
    window: MainWindow, hands: Hands, name: str
) -> None:
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", name)
    assert window.editor.errors() == ()
    assert hands.find(QWidget, "start").isEnabled()
    info = window.editor.catalog.schedulers.get(name)
    schedule = entry(window).scheduler
    assert schedule is not None
    # What was proposed is in the experiment, as if it had been typed.
    assert {p.name for p in info.params if p.required} <= set(schedule.values)
    hands.trigger("action.undo")
    assert entry(window).scheduler is None


def test_that_a_drop_comes_after_each_third_of_the_run(
    window: MainWindow, hands: Hands
) -> None:
    open_schedule(hands)
    hands.type("training.steps", "600")
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    assert hands.text(f"{SCHEDULE}.step_size") == "200"


def test_that_the_field_is_shown_that_has_to_be_filled(
    described: None, window: MainWindow, hands: Hands
) -> None:
    # How many steps an epoch has is not known before the model is looked at.
    text = """
        title = "Epochs"
        [problem]
        name = "image-classification"
        [training]
        epochs = 2
        [[optimizers]]
        name = "SGD"
    """
    window.editor.open(spec_from_text(text, window.editor.catalog), source="e.toml")
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    field = hands.find(QWidget, f"{SCHEDULE}.step_size")
    assert field.hasFocus()
    words = hands.find(QLabel, f"{SCHEDULE}.step_size.error")
    assert words.isVisible()
    assert "give step_size" in words.text()


# -- param groups --------------------------------------------------------------------


def test_that_ready_made_groups_wait_for_the_model_and_say_so(
    qtbot: QtBot, described: None, window: MainWindow, hands: Hands
) -> None:
    hands.choose("problem.name", "image-classification")
    hands.click(f"{FIRST}.head")
    hands.press(ROWS)
    ready = hands.find(QWidget, f"{ROWS}.presets")
    assert ready.toolTip() == "Looking at the model…"
    menu = hands.find(QMenu, f"{ROWS}.menu")
    menu.popup(ready.mapToGlobal(ready.rect().bottomLeft()))
    assert not any(action.isEnabled() for action in menu.actions())
    # It is filled anew while it is open.
    qtbot.waitUntil(lambda: any(action.isEnabled() for action in menu.actions()))
    assert "made for this model" in ready.toolTip()
    menu.close()


def test_that_a_surface_has_no_param_groups(hands: Hands) -> None:
    hands.click(f"{FIRST}.head")
    assert not hands.find(QWidget, ROWS).isVisible()


def test_that_a_row_counts_what_it_matches(
    net: Callable[[str], None], window: MainWindow, hands: Hands
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    hands.type(f"{ROWS}.0.match", "hidden.*")
    hands.type(f"{ROWS}.0.lr", "0.25")
    (group,) = entry(window).groups
    assert group.match == "hidden.*"
    assert group.values == {"lr": 0.25}
    count = hands.find(QLabel, f"{ROWS}.0.count")
    assert count.text() == "2 parameters, 144 numbers"
    assert "4 parameters" in hands.find(QLabel, f"{ROWS}.rest").text()
    hands.press(f"{ROWS}.0.remove")
    assert entry(window).groups == ()


def test_that_a_pattern_that_matches_nothing_keeps_start_back(
    net: Callable[[str], None], hands: Hands
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    hands.type(f"{ROWS}.0.match", "nowhere.*")
    count = hands.find(QLabel, f"{ROWS}.0.count")
    assert "no parameter matches" in count.text()
    assert count.property("role") == "error"
    start = hands.find(QWidget, "start")
    assert not start.isEnabled()
    assert "nowhere" in start.toolTip()
    hands.press("start.reason")
    assert hands.find(QWidget, f"{ROWS}.0.match").hasFocus()


def test_that_a_model_that_cannot_be_built_is_said_in_words(
    qtbot: QtBot, window: MainWindow, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe(_spec: object, _catalog: object) -> Description:
        raise InputError("problem.model", "net.py:Net", "a class that can be built")

    monkeypatch.setattr(study, "describe", describe)
    hands.choose("problem.name", "image-classification")
    hands.click(f"{FIRST}.head")
    hands.press(ROWS)
    rest = hands.find(QLabel, f"{ROWS}.rest")
    qtbot.waitUntil(lambda: "can be built" in rest.text())
    assert "net.py:Net" in rest.text()


def test_that_a_parameter_in_two_groups_is_named(
    net: Callable[[str], None], hands: Hands
) -> None:
    net("SGD")
    for row, pattern in enumerate(("*.bias", "out.*")):
        hands.press(f"{ROWS}.add")
        hands.type(f"{ROWS}.{row}.match", pattern)
    assert "out.bias" in hands.find(QLabel, f"{ROWS}.1.count").text()


def test_that_what_a_row_does_not_set_is_that_of_the_entry(
    net: Callable[[str], None], window: MainWindow, hands: Hands
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    hands.type(f"{FIRST}.momentum", "0.5")
    take(hands, f"{ROWS}.0.menu", f"{ROWS}.0.menu.momentum")
    assert hands.text(f"{ROWS}.0.momentum") == "0.5"
    assert entry(window).groups[0].values == {}
    hands.type(f"{ROWS}.0.momentum", "0.75")
    assert entry(window).groups[0].values == {"momentum": 0.75}
    hands.press(f"{ROWS}.0.momentum.reset")
    assert entry(window).groups[0].values == {}


def test_that_rows_are_moved_with_what_they_set(
    net: Callable[[str], None], window: MainWindow, hands: Hands
) -> None:
    net("SGD")
    for row, pattern in enumerate(("conv.*", "out.*")):
        hands.press(f"{ROWS}.add")
        hands.type(f"{ROWS}.{row}.match", pattern)
    hands.type(f"{ROWS}.1.lr", "0.5")
    take(hands, f"{ROWS}.1.menu", f"{ROWS}.1.menu.up")
    assert [g.match for g in entry(window).groups] == ["out.*", "conv.*"]
    assert hands.text(f"{ROWS}.0.lr") == "0.5"
    hands.trigger("action.undo")
    assert [g.match for g in entry(window).groups] == ["conv.*", "out.*"]


def test_that_a_group_is_trained_by_another_optimizer_and_back(
    net: Callable[[str], None], window: MainWindow, hands: Hands
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    take(hands, f"{ROWS}.0.menu", f"{ROWS}.0.menu.optimizer")
    search = hands.find(QLineEdit, f"{ROWS}.picker.search")
    QTest.keyClicks(search, "adamw")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert entry(window).groups[0].optimizer == "AdamW"
    assert hands.text(f"{ROWS}.0.lr") == "0.001"
    take(hands, f"{ROWS}.0.menu", f"{ROWS}.0.menu.weight_decay")
    hands.type(f"{ROWS}.0.weight_decay", "0.25")
    assert entry(window).groups[0].values == {"weight_decay": 0.25}
    take(hands, f"{ROWS}.0.menu", f"{ROWS}.0.menu.own")
    assert entry(window).groups[0].optimizer == ""
    assert entry(window).groups[0].values == {}


def test_that_a_kind_of_parameters_is_chosen_from_the_menu(
    net: Callable[[str], None], window: MainWindow, hands: Hands
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    take(hands, f"{ROWS}.0.menu", f"{ROWS}.0.menu.match.:output")
    assert entry(window).groups[0].match == ":output"


@pytest.mark.parametrize("name", ["no-decay", "layers", "muon"])
def test_that_ready_made_groups_fit_the_model(
    net: Callable[[str], None], window: MainWindow, hands: Hands, name: str
) -> None:
    net("AdamW")
    take(hands, f"{ROWS}.menu", f"{ROWS}.presets.{name}")
    assert entry(window).groups
    assert window.study.errors() == ()
    assert window.editor.errors() == ()
    hands.trigger("action.undo")
    assert entry(window).groups == ()


def test_that_layers_learn_slower_away_from_the_output(catalog: Catalog) -> None:
    adam = OptimizerSpec(name="Adam", values=Values({"lr": 0.1}))
    presets = {p.name: p for p in group_presets(adam, NET, catalog)}
    rows = [(g.match, g.values["lr"]) for g in presets["layers"].rows]
    assert rows == [("conv.*", 0.081), ("hidden.*", 0.09)]


def test_that_deep_models_are_taken_by_blocks() -> None:
    names = [f"blocks.{b}.layer{n}.weight" for b in range(6) for n in range(9)]
    deep = [ParameterInfo(name=name, shape=(2, 2)) for name in names]
    assert [name for name, _ in layers_of(deep)] == [f"blocks.{b}" for b in range(6)]


def test_that_presets_that_make_no_sense_say_why(catalog: Catalog) -> None:
    def reasons(name: str) -> dict[str, str]:
        presets = group_presets(OptimizerSpec(name=name), NET, catalog)
        assert all(bool(p.rows) is not bool(p.reason) for p in presets)
        return {p.name: p.reason for p in presets}

    assert all(reasons("LBFGS").values())
    assert reasons("Muon")["muon"]
    assert reasons("Rprop")["no-decay"]
    assert not any(reasons("AdamW").values())


def test_that_all_that_is_unfolded_has_a_name(
    net: Callable[[str], None], hands: Hands, window: MainWindow
) -> None:
    net("SGD")
    hands.press(f"{ROWS}.add")
    hands.press(SCHEDULE)
    hands.choose(f"{SCHEDULE}.name", "SequentialLR")
    hands.press(f"{SCHEDULE}.schedulers.add")
    acting = (QAbstractButton, QLineEdit, QComboBox, QSlider)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in window.optimizers_panel.findChildren(QWidget)
        if isinstance(widget, acting) and widget.isVisible()
        if not (widget.objectName() and (widget.accessibleName() or widget.toolTip()))
    ]
    assert nameless == []


# -- translations --------------------------------------------------------------------


def test_that_what_is_translated_is_legal_and_needs_no_word_for_defaults(
    catalog: Catalog,
) -> None:
    done = 0
    for info in catalog.optimizers:
        for translation in info.translations:
            try:
                new = translated(OptimizerSpec(name=info.name), translation, catalog)
            except InputError:
                continue
            target = catalog.optimizers.get(translation.to)
            assert new.name == target.name
            for name, value in new.values.items():
                assert target.param(name).check(value, name) == value
                assert value != target.param(name).default
            done += 1
    assert done > 3


def test_that_an_entry_is_translated_and_comes_back_by_undo(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.1.head")
    before = window.editor.spec
    key = "optimizers.1.translate"
    take(hands, f"{key}.menu", f"{key}.replace.momentum-ema")
    after = window.editor.spec.optimizers[1]
    assert after.name == "momentum-ema"
    assert after.values == {"lr": pytest.approx(0.01)}
    assert "lr" in window.notice.text
    assert hands.find(QWidget, "optimizers.1.momentum").isVisible()
    hands.trigger("action.undo")
    assert window.editor.spec == before


def test_that_a_translation_is_added_beside(window: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.1.head")
    key = "optimizers.1.translate"
    take(hands, f"{key}.menu", f"{key}.add.momentum-ema")
    names = [e.name for e in window.editor.spec.optimizers[:3]]
    assert names == ["SGD", "SGD", "momentum-ema"]


def test_that_what_cannot_be_translated_says_why(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.1.head")
    menu = hands.find(QMenu, "optimizers.1.translate.menu")
    menu.aboutToShow.emit()
    plain = menu.findChild(QAction, "optimizers.1.translate.replace.textbook-gd")
    assert isinstance(plain, QAction)
    assert not plain.isEnabled()
    assert "momentum" in plain.toolTip()


def test_that_groups_are_translated_with_their_entry(catalog: Catalog) -> None:
    sgd = catalog.optimizers.get("SGD")
    to_average = next(t for t in sgd.translations if t.to == "momentum-ema")
    text = """
        title = "Groups"
        [problem]
        name = "image-classification"
        [training]
        steps = 1
        [[optimizers]]
        name = "SGD"
        lr = 0.1
        momentum = 0.5
        param_groups = [{ match = "*.bias", lr = 0.2 }]
    """
    spec = spec_from_text(text, catalog)
    new = translated(spec.optimizers[0], to_average, catalog)
    assert new.values["lr"] == pytest.approx(0.2)
    assert new.groups[0].values == {"lr": pytest.approx(0.4)}


def test_that_a_schedule_with_rates_of_its_own_is_not_translated(
    catalog: Catalog,
) -> None:
    sgd = catalog.optimizers.get("SGD")
    to_average = next(t for t in sgd.translations if t.to == "momentum-ema")
    cycle = SchedulerSpec(name="OneCycleLR", values=Values({"max_lr": 0.1}))
    entry = OptimizerSpec(name="SGD", values=Values({"momentum": 0.5}), scheduler=cycle)
    with pytest.raises(InputError, match="max_lr"):
        translated(entry, to_average, catalog)
    factor = SchedulerSpec(name="ExponentialLR", values=Values({"gamma": 0.9}))
    new = translated(replace(entry, scheduler=factor), to_average, catalog)
    assert new.scheduler == factor


# -- and it runs ---------------------------------------------------------------------

MOONS = """
    title = "Moons"
    [problem]
    name = "moons"
    [training]
    steps = 30
    [[optimizers]]
    name = "AdamW"
"""


def test_that_what_the_preview_shows_is_what_is_recorded(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    window.editor.open(spec_from_text(MOONS, window.editor.catalog), source="moons")
    open_schedule(hands)
    hands.choose(f"{SCHEDULE}.name", "StepLR")
    hands.type(f"{SCHEDULE}.step_size", "10")
    hands.press(ROWS)
    model = window.study
    qtbot.waitUntil(lambda: model.train_size() > 0, timeout=PATIENCE)
    take(hands, f"{ROWS}.menu", f"{ROWS}.presets.no-decay")
    steps, rates = hands.find(SchedulePreview, f"{SCHEDULE}.preview").curve
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    data = window.controller.data
    assert data is not None
    assert data.state is State.FINISHED, data.reason
    for metric in ("lr", "lr:no decay"):
        series = data.series(0, metric)
        recorded = [series.at(int(step)) for step in steps]
        assert recorded == pytest.approx(list(rates), rel=1e-12)
