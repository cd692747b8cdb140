"""What the menu of a card of curves can set; every entry works from the keyboard."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from optlab.translate import tr, tr_n
from optlab.ui.actions import add_entry
from optlab.ui.arrangement import SCALES, SPREADS, X_AXES, PlotSettings, Scale, XAxis
from optlab.ui.card_look import look_of
from optlab.ui.view_state import ViewState

Choice = TypeVar("Choice", bound=Hashable)

_WEIGHTS: Final = (0.0, 0.6, 0.9, 0.97, 0.99, 0.999)


def x_axis_text(axis: XAxis) -> str:
    """Return what an x axis counts, in words."""
    return {
        "step": tr("Step"),
        "epoch": tr("Epoch"),
        "seconds": tr("Seconds"),
        "samples": tr("Samples"),
        "evaluations": tr("Gradient evaluations"),
    }[axis]


def scale_text(scale: Scale) -> str:
    """Return a scale in words."""
    return {
        "linear": tr("Linear"),
        "log": tr("Logarithmic"),
        "symlog": tr("Logarithmic for both signs"),
    }[scale]


class CurveSettings(QObject):
    """Reads and sets how one card of curves is looked at.

    Args:
        name: Name of the plot.
        state: Settings of all views.
        scale: Returns the scale that is in force.
        parent: Owner.
    """

    def __init__(
        self,
        name: str,
        state: ViewState,
        *,
        scale: Callable[[], Scale],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.state = state
        self._scale = scale

    @property
    def own(self) -> PlotSettings:
        """What is set for this card."""
        return self.state.plot(self.name)

    def put(self, **changes: object) -> None:
        """Set something for this card; can be undone."""
        self.state.set_plot(self.name, replace(self.own, **changes))  # type: ignore[arg-type]

    def next_x_axis(self) -> None:
        """Count something else along x."""
        now = look_of(self.state, self.name).x_axis
        self.put(x_axis=_after(now, X_AXES))

    def next_scale(self) -> None:
        """Go from linear to logarithmic, to symmetric, and back."""
        self.put(y_scale=_after(self._scale(), SCALES))

    def next_spread(self) -> None:
        """Go from median to mean, to every trial, to one seed, and back."""
        self.put(spread=_after(look_of(self.state, self.name).spread, SPREADS))

    def switch_outliers(self) -> None:
        """Let outliers lie outside the range, or not."""
        now = look_of(self.state, self.name).ignore_outliers
        self.put(ignore_outliers=not now)

    def use_for_all(self) -> None:
        """Look at all plots as at this one, where they have nothing of their own."""
        look = look_of(self.state, self.name)
        self.state.set_x_axis(look.x_axis)
        self.state.set_smoothing(look.smoothing)
        self.state.set_spread(look.spread)
        self.state.set_ignore_outliers(look.ignore_outliers)
        self.put(x_axis=None, smoothing=None, spread=None, ignore_outliers=None)

    def switch_linked(self) -> None:
        """Let plots zoom together, or each by itself."""
        self.state.set_linked(not self.state.linked)


def _after(now: Choice, choices: Sequence[Choice]) -> Choice:
    return choices[(choices.index(now) + 1) % len(choices)]


class CurveMenu(QObject):
    """Submenus of a card of curves; filled when they open.

    Args:
        menu: Menu of the card.
        settings: What they set.
        entries: Returns the labels of all optimizers of the run, by index.
        seeds: Returns the seeds of the run.
    """

    def __init__(
        self,
        menu: QMenu,
        settings: CurveSettings,
        *,
        entries: Callable[[], Mapping[int, str]],
        seeds: Callable[[], Sequence[int]],
    ) -> None:
        super().__init__(menu)
        self._menu = menu
        self._settings = settings
        self._entries, self._seeds = entries, seeds
        self._prefix = f"card-{settings.name}"
        self._submenu("x-axis", tr("X axis"), self._fill_x_axis)
        self._submenu("y-scale", tr("Y scale"), self._fill_scale)
        self._submenu("smoothing", tr("Smoothing"), self._fill_smoothing)
        self._submenu("seeds", tr("Seeds"), self._fill_seeds)
        self._submenu("shown", tr("Optimizers"), self._fill_shown)

    def _submenu(self, part: str, title: str, fill: Callable[[QMenu], None]) -> None:
        child = QMenu(title, self._menu)
        child.setObjectName(f"{self._prefix}-{part}")
        child.aboutToShow.connect(partial(self._refill, child, fill))
        self._menu.addMenu(child)

    def _refill(self, child: QMenu, fill: Callable[[QMenu], None]) -> None:
        child.clear()
        fill(child)

    def _fill_x_axis(self, menu: QMenu) -> None:
        self._choice(
            menu,
            "x_axis",
            [(None, tr("As in all plots")), *((a, x_axis_text(a)) for a in X_AXES)],
        )

    def _fill_scale(self, menu: QMenu) -> None:
        self._choice(
            menu,
            "y_scale",
            [(None, tr("As suits the metric")), *((s, scale_text(s)) for s in SCALES)],
        )

    def _fill_smoothing(self, menu: QMenu) -> None:
        texts = [(w, f"{w:g}" if w else tr("Off")) for w in _WEIGHTS]
        self._choice(menu, "smoothing", [(None, tr("As in all plots")), *texts])

    def _fill_seeds(self, menu: QMenu) -> None:
        self._choice(
            menu,
            "spread",
            [
                (None, tr("As in all plots")),
                ("band", tr("Median and quartiles")),
                ("mean", tr("Mean with its 95 % interval")),
                ("trials", tr("Every trial")),
            ],
        )
        seeds = self._seeds()
        menu.addSeparator()
        own = self._settings.own
        for seed in seeds:
            act = partial(self._settings.put, spread="seed", seed=seed)
            name = f"{menu.objectName()}-seed-{seed}"
            entry = add_entry(menu, name, tr("Seed {n} alone", n=seed), act)
            entry.setCheckable(True)
            shown = own.seed if own.seed in seeds else seeds[0]
            entry.setChecked(own.spread == "seed" and shown == seed)

    def _fill_shown(self, menu: QMenu) -> None:
        state, prefix = self._settings.state, menu.objectName()
        labels = self._entries()
        for index, label in labels.items():
            entry = add_entry(
                menu, f"{prefix}-{index}", label, partial(state.toggle, index)
            )
            entry.setCheckable(True)
            entry.setChecked(index not in state.hidden)
        menu.addSeparator()
        shown = tr_n("Show the one", "Show all {n}", n=len(labels))
        everything = state.hidden - frozenset(labels)
        act = partial(state.set_hidden, everything)
        add_entry(menu, f"{prefix}-all", shown, act)

    def _choice(
        self, menu: QMenu, setting: str, choices: Sequence[tuple[object, str]]
    ) -> None:
        group = QActionGroup(menu)
        for value, text in choices:
            act = partial(self._settings.put, **{setting: value})
            name = f"{menu.objectName()}-{'all' if value is None else value}"
            entry: QAction = add_entry(menu, name, text, act)
            entry.setCheckable(True)
            entry.setChecked(getattr(self._settings.own, setting) == value)
            group.addAction(entry)
