"""The card that draws one metric of all trials against steps, epochs or seconds."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.export.number_text import count, number
from optlab.records import Floats
from optlab.translate import tr, tr_n
from optlab.ui import curve_range
from optlab.ui.cards import Card
from optlab.ui.crosshair import Crosshair, Reading
from optlab.ui.curve_marks import cross_spots, label_specs, label_texts
from optlab.ui.curve_set import CurveSet
from optlab.ui.curve_specs import CurveSpec
from optlab.ui.end_labels import MAX_LABELS, EndLabels, label_width
from optlab.ui.level_lines import LevelLines
from optlab.ui.theme import series_style
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


_LABELS_FROM: Final = 320.0
_CROSS: Final = 14


class CurveCard(Card):
    """One metric of all trials.

    Args:
        spec: What it shows.
        state: Settings of all views.
        name: Name of the plot, ``<metric>#2`` for a further one; None for the metric.
        smooth: False where training is free of noise and smoothing would only lag.
    """

    def __init__(
        self,
        spec: CurveSpec,
        state: ViewState,
        *,
        name: str | None = None,
        smooth: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self.spec = spec
        self.smooth = smooth
        self._curves: CurveSet | None = None
        self._crosses: dict[int, tuple[float, float]] = {}
        self._before_click: frozenset[int] = frozenset()
        self._outside = False
        self._fitted_for: Hashable = None
        super().__init__(
            name or spec.metric,
            spec.title,
            subtitle=spec.subtitle,
            state=state,
            parent=parent,
        )
        self._cross_item: Any = pg.ScatterPlotItem(symbol="x", size=_CROSS)
        self.canvas.add(self._cross_item, z=20.0)
        self.levels = LevelLines(self.canvas)
        self.labels = EndLabels(self.canvas.viewport())
        self.crosshair = Crosshair(self.canvas.viewport())
        self._connect_curves()

    def _connect_curves(self) -> None:
        self.labels.clicked.connect(self._on_label_clicked)
        self.labels.isolated.connect(self._on_label_isolated)
        self.labels.hovered.connect(self.state.set_hovered)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self._on_left)
        self.canvas.range_changed.connect(self._on_view_moved)
        self.state.hovered_changed.connect(self._restyle_curves)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        if self._curves is not None:
            self._curves.remove()
        self._curves, self._crosses = None, {}
        self._cross_item.setData([])
        self.labels.clear()
        self.crosshair.hide()
        if data is not None:
            self._curves = CurveSet(
                self.canvas,
                self.spec,
                data=data,
                state=self.state,
                exact=not self.smooth,
            )
        self.ask_fit()

    def set_levels(self, levels: Mapping[int, float]) -> None:
        """Draw a dashed line at a height of an optimizer, by its index."""
        self.levels.set_levels(levels)

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        trace = self._set().trace(trial)
        return trace.x, trace.y

    def plotted_companion(self, trial: int) -> tuple[Floats, Floats]:
        """Return those of the second metric."""
        trace = self._set().trace(trial, companion=True)
        return trace.x, trace.y

    def smoothed(self, entry: int) -> tuple[Floats, Floats]:
        """Return the strong line of an optimizer; empty where the trace is strong."""
        strong = self._set().curves[entry].strong
        return strong.x, strong.y

    def crosses(self) -> dict[int, tuple[float, float]]:
        """Return last finite step and value of every diverged trial."""
        return dict(self._crosses)

    def visible_entries(self) -> tuple[int, ...]:
        """Return the indices of the optimizers that are drawn."""
        return () if self._curves is None else self._curves.shown_entries()

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._curves is None else self._curves.data.revision

    @property
    def weight(self) -> float:
        """Weight of the smoothing that is used here."""
        return self.state.smoothing if self.smooth and self.spec.noisy else 0.0

    @property
    def log_y(self) -> bool:
        """Whether the y axis is logarithmic, by choice or because that suits it."""
        asked = self.state.y_scale(self.name)
        if asked is not None or not self.spec.log or self._curves is None:
            return asked == "log"
        return not self._curves.any_negative()

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        curves = self._curves
        if curves is None:
            return
        lo, hi = self._x_view()
        columns = max(int(self.canvas.plot_rect().width()), 50)
        log = self.log_y
        for entry, curve in curves.each():
            on = entry not in self.state.hidden
            if on:
                curve.update(lo=lo, hi=hi, columns=columns, weight=self.weight, log=log)
            curve.show(on)
        self.canvas.set_log(self.state.log_x, log)
        self.log_action.setChecked(self.canvas.log[1])
        self.levels.draw(self.state.theme, self.state.hidden)
        self._restyle_curves()
        self._find_crosses(curves)
        self._place_marks(curves)
        self._describe(curves)
        self._outside = self._range_is_stale(curves)

    def out_of_range(self) -> bool:
        """Return whether data lie outside the range that is shown, or use little."""
        return self._outside

    def fit(self) -> None:
        """Take a range that holds all data, labels and some growth."""
        self._fit_wanted = self._outside = False
        if self._curves is None:
            self.canvas.set_view((0.0, 1.0), (0.0, 1.0))
            return
        self._fitted_for = self._fit_key()
        x, y = curve_range.fitting(
            self.canvas,
            self._curves,
            state=self.state,
            label_room=self._label_room(),
            levels=self.levels.heights(self.state.hidden).values(),
        )
        self.canvas.set_view(x, y)

    def read(self, x: float) -> list[Reading]:
        """Return what every curve that is shown says at ``x``."""
        if self._curves is None:
            return []
        return self._curves.read(x, smoothed=self.weight > 0)

    def _set(self) -> CurveSet:
        if self._curves is None:
            raise LookupError("the card shows no run")
        return self._curves

    def _fit_key(self) -> Hashable:
        """Return what asks for another range when it changes, data apart."""
        state = self.state
        return state.x_axis, state.hidden, self.canvas.log, self._labelled()

    def _range_is_stale(self, curves: CurveSet) -> bool:
        if self._fitted_for != self._fit_key():
            return True
        room = self._label_room()
        return curve_range.outside(self.canvas, curves, label_room=room)

    def _x_view(self) -> tuple[float, float]:
        (lo, hi), _ = self.canvas.view()
        if self.canvas.log[0]:
            return 10.0 ** min(lo, 300.0), 10.0 ** min(hi, 300.0)
        return lo, hi

    def _restyle(self) -> None:
        super()._restyle()
        self._restyle_curves()

    def _restyle_curves(self) -> None:
        if self._curves is None:
            return
        theme, hovered = self.state.theme, self.state.hovered
        ground = QColor(theme.card)
        for entry, curve in self._curves.each():
            style = series_style(entry, theme)
            curve.restyle(style, ground=ground, hovered=entry == hovered)

    def _find_crosses(self, curves: CurveSet) -> None:
        for start in curves.data.trials:
            if start.trial in self._crosses or not curves.diverged(start.trial):
                continue
            found = curves.last_finite(start.trial)
            if found is not None:
                self._crosses[start.trial] = found

    def _on_view_moved(self) -> None:
        self._on_left()
        if self._curves is not None:
            self._place_marks(self._curves)

    def _on_left(self) -> None:
        self.crosshair.hide()

    def _place_marks(self, curves: CurveSet) -> None:
        theme = self.state.theme
        self._cross_item.setData(cross_spots(self.canvas, curves, self._crosses, theme))
        labelled = self._labelled()
        specs = label_specs(self.canvas, curves, state=self.state) if labelled else []
        self.labels.place(specs, self.canvas.plot_rect())

    def _labelled(self) -> bool:
        wide = self.canvas.plot_rect().width() >= _LABELS_FROM
        return wide and self._curves is not None and self._few(self._curves)

    def _few(self, curves: CurveSet) -> bool:
        return len(curves.entries) <= MAX_LABELS

    def _label_room(self) -> float:
        if self._curves is None or not self._labelled():
            return 0.0
        return label_width(label_texts(self._curves).values())

    def _on_label_clicked(self, entry: int) -> None:
        self._before_click = self.state.hidden
        self.state.toggle(entry)

    def _on_label_isolated(self, entry: int) -> None:
        # The first click of the two has hidden or shown it; that does not count.
        self.state.set_hidden(self._before_click)
        self.state.isolate(entry, among=frozenset(self._set().entries))

    def _on_pointed(self, position: QPointF) -> None:
        room = self.canvas.plot_rect()
        if self._curves is None or not room.contains(position):
            self.crosshair.hide()
            return
        x = self.canvas.to_x(position.x())
        x = 10.0 ** min(x, 300.0) if self.canvas.log[0] else x
        self.crosshair.show(
            position.x(),
            room,
            title=self._x_text(x),
            readings=self.read(x),
            theme=self.state.theme,
        )

    def _x_text(self, x: float) -> str:
        axis = self.state.x_axis
        if axis == "step":
            return tr("step {n}", n=count(max(0, int(x + 1e-9))))
        if axis == "samples":
            samples = max(0, int(x))
            return tr_n(
                "{text} sample", "{text} samples", n=samples, text=count(samples)
            )
        if axis == "epoch":
            return tr("epoch {x}", x=number(x))
        if axis == "evaluations":
            return tr("evaluation {n}", n=count(max(0, int(x + 1e-9))))
        return tr("{x} s", x=number(x))

    def _describe(self, curves: CurveSet) -> None:
        parts = [self.subtitle] if self.subtitle else []
        if curves.companions and self.spec.companion_note:
            parts.append(self.spec.companion_note)
        if self.weight > 0 and self.spec.metric not in curves.data.sparse:
            parts.append(tr("smoothed {weight}", weight=f"{self.weight:g}"))
        if self.levels.heights(self.state.hidden):
            parts.insert(0, tr("dashes: limit of stability"))
        seeds = max((len(starts) for starts in curves.entries.values()), default=0)
        if seeds > 1:
            parts.append(tr("median of {n} seeds", n=seeds))
        self.set_subtitle(" · ".join(parts))
