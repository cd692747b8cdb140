"""Changing the learning rate of a trial by hand while it runs."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from optlab.params import InputError, Kind, ParamSpec, format_number
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

RATE: Final = ParamSpec(
    name="lr",
    kind=Kind.FLOAT,
    default=0.001,
    low=0.0,
    low_open=True,
    log=True,
    meaning="Learning rate of the first param group from the next step on.",
)


class RateDesk(QObject):
    """Asks a person for another learning rate and hands it to the run."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @Slot(int)
    def change(self, trial: int) -> None:
        """Ask for the learning rate of one trial of the live run."""
        window, data = self._window, self._window.controller.data
        if data is None or not window.controller.shows_live:
            return
        rates = data.series(trial, "lr").values
        now = float(rates[-1]) if len(rates) else float("nan")
        label = next(t.label for t in data.trials if t.trial == trial)
        if not (isfinite(now) and now > 0):
            window.notice.say(tr("{name} has no learning rate to change", name=label))
            return
        typed = window.chooser.ask(
            tr("Change the learning rate"),
            tr("Learning rate of {name} from the next step on", name=label),
            format_number(now),
        )
        if not typed:
            return
        try:
            rate = RATE.parse(typed, "lr")
        except InputError as error:
            window.notice.say(str(error))
            return
        if isinstance(rate, float):
            window.controller.set_rate(trial, rate)
