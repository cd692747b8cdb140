"""The keyboard alone leads through everything that a person does."""

from pathlib import Path

from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.journeys.journey import Journey

EXPERIMENT = """
format = 1
title = "By keys"
[problem]
name = "quadratic"
[training]
steps = 50_000_000
[[optimizers]]
name = "SGD"
lr = 0.01
"""


def steps(window: MainWindow) -> list[int]:
    """Return how far each trial is."""
    data = window.controller.data
    return [] if data is None else [data.status(t.trial).step for t in data.trials]


def test_that_keys_open_pick_edit_start_pause_step_export_and_reopen(
    started: MainWindow, tmp_path: Path
) -> None:
    window, person = started, Journey(started)
    toml, table = tmp_path / "by-keys.toml", tmp_path / "metrics.csv"
    toml.write_text(EXPERIMENT, encoding="utf-8")

    def phase(wanted: Phase) -> None:
        person.wait(lambda: window.controller.phase is wanted)

    def optimizers() -> list[str]:
        return [entry.name for entry in window.editor.spec.optimizers]

    # Open.
    person.press("Ctrl+O")
    person.answer(toml)
    person.wait(lambda: window.editor.spec.title == "By keys")
    # Pick.
    person.tab_to("optimizers.add")
    person.press("Space")
    person.type("RMSprop")
    person.press("Return")
    person.wait(lambda: optimizers() == ["SGD", "RMSprop"])
    # Edit.
    person.tab_to("optimizers.1.lr")
    person.press("Ctrl+A")
    person.type("2e-3*2")
    person.press("Return")
    person.wait(lambda: window.editor.value("optimizers.1.lr") == 0.004)
    # Start, pause, step.
    person.press("F5")
    phase(Phase.RUNNING)
    person.wait(lambda: min(steps(window), default=0) > 3)
    person.press("F5")
    phase(Phase.PAUSED)
    before: list[int] = []
    person.when(lambda: True, lambda: before.extend(steps(window)))
    person.press("F10")
    person.wait(lambda: steps(window) == [step + 1 for step in before])
    person.press("Shift+F5")
    phase(Phase.IDLE)
    # Export.
    person.press("Ctrl+E")
    person.arrow_to("export.summary.csv")
    person.press("Return")
    person.answer(table)
    person.wait(table.exists)
    # Reopen.
    person.wait(lambda: window.controller.path is not None)
    person.when(lambda: True, window.runs.forget_run)
    person.press("Ctrl+Shift+O")
    person.answer_with(lambda: next(window.session.runs.glob("*/*.optlab")))
    person.wait(lambda: window.controller.path is not None)
    person.go()
    text = table.read_text(encoding="utf-8")
    assert "RMSprop" in text
    assert len(text.splitlines()) == 3
    assert steps(window) == [step + 1 for step in before]
