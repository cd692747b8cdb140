"""The card that draws one metric of all trials against steps, epochs or seconds."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from optlab.export.number_text import count, number
from optlab.export.symlog import linear_width
from optlab.records import Floats
from optlab.translate import tr, tr_n
from optlab.ui import curve_range
from optlab.ui.arrangement import Scale
from optlab.ui.canvas import Range
from optlab.ui.card_look import CardLook, look_of
from optlab.ui.cards import Card
from optlab.ui.crosshair import Crosshair, Hairline, Reading
from optlab.ui.curve_band import BandCurve
from optlab.ui.curve_marks import (
    Mark,
    cross_marks,
    entry_near,
    event_marks,
    label_specs,
    label_texts,
    mark_near,
)
from optlab.ui.curve_menu import CurveMenu, CurveSettings
from optlab.ui.curve_set import CurveSet
from optlab.ui.curve_specs import CurveSpec
from optlab.ui.curve_table import CurveTable, table_of
from optlab.ui.end_labels import MAX_LABELS, EndLabel, EndLabels, label_width
from optlab.ui.label_keys import LabelKeys
from optlab.ui.legend_list import LegendList, legend_width
from optlab.ui.level_lines import LevelLines
from optlab.ui.theme import series_style
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


_LABELS_FROM: Final = 320.0
_LEGEND_FROM: Final = 420.0
_MARK_FROM: Final = 300
_CROSS: Final = 14
_FLAG: Final = 8
# A symmetric scale stays as it is until the data want one that is this far away.
_OTHER_WIDTH: Final = 10.0
_SAMPLE: Final = 200
_TOO_SHORT_TO_SMOOTH: Final = 50


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
        self._drawn_key: Hashable = None
        self._marks: list[Mark] = []
        self._pointing = False
        super().__init__(
            name or spec.metric,
            spec.title,
            subtitle=spec.subtitle,
            state=state,
            parent=parent,
        )
        self._cross_item: Any = pg.ScatterPlotItem(symbol="x", size=_CROSS)
        self.canvas.add(self._cross_item, z=20.0)
        self._flag_item: Any = pg.ScatterPlotItem(symbol="t1", size=_FLAG)
        self.canvas.add(self._flag_item, z=19.0)
        self.levels = LevelLines(self.canvas)
        viewport = self.canvas.viewport()
        self.labels = EndLabels(viewport)
        self.legend = LegendList(viewport)
        self.crosshair = Crosshair(viewport)
        self.follower, self.moment_line = Hairline(viewport), Hairline(viewport)
        self.mark = self._provisional_mark()
        self._connect_curves()

    def _provisional_mark(self) -> QLabel:
        """Return the quiet words in the head of what may still change."""
        mark = QLabel(tr("provisional"))
        mark.setObjectName(f"card-{self.name}-provisional")
        mark.setProperty("role", "mark")
        mark.setToolTip(
            tr("Trials have not come to their end: what leads now may not lead then")
        )
        mark.hide()
        self.header.insertWidget(2, mark)
        return mark

    def _connect_curves(self) -> None:
        for labels in (self.labels, self.legend):
            labels.clicked.connect(self._on_label_clicked)
            labels.isolated.connect(self._on_label_isolated)
            labels.hovered.connect(self.state.set_hovered)
        LabelKeys(self.canvas, self._named_curves)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self._on_mouse_gone)
        self.state.cursor_changed.connect(self._follow_cursor)
        self.state.zoom_changed.connect(self._follow_zoom)
        self.state.moment_changed.connect(self._show_moment)
        self.canvas.range_changed.connect(self._on_view_moved)
        self.state.hovered_changed.connect(self._restyle_curves)

    def _add_settings(self) -> None:
        self.log_action.setVisible(False)
        self.settings = CurveSettings(
            self.name, self.state, scale=lambda: self.y_scale, parent=self
        )
        CurveMenu(
            self.menu, self.settings, entries=self._all_labels, seeds=self._all_seeds
        )
        self.outliers_action = self._action("outliers", tr("Ignore outliers"), "O")
        self.linked_action = self._action("linked", tr("Zoom plots together"))
        for action in (self.outliers_action, self.linked_action):
            action.setCheckable(True)
        self.outliers_action.triggered.connect(self.settings.switch_outliers)
        self.linked_action.triggered.connect(self.settings.switch_linked)
        for part, text, keys, act in (
            ("next-x", tr("Next x axis"), "X", self.settings.next_x_axis),
            ("next-scale", tr("Next y scale"), "L", self.settings.next_scale),
            (
                "next-spread",
                tr("Next way to draw seeds"),
                "S",
                self.settings.next_spread,
            ),
        ):
            self._action(part, text, keys).triggered.connect(act)
        for_all = self._action("for-all", tr("Use these settings for all plots"))
        for_all.triggered.connect(self.settings.use_for_all)
        self.menu.aboutToShow.connect(self._show_settings)
        self.menu.addSeparator()

    def _add_copies(self) -> None:
        text = tr("Copy data")
        self.copy_data_action = self._action("copy-data", text, "Ctrl+Shift+C")
        self.copy_data_action.triggered.connect(self.copy_data)

    def csv_text(self) -> str:
        """Return what the menu says of writing data."""
        return tr("Export the data of this plot as CSV…")

    def _show_settings(self) -> None:
        self.outliers_action.setChecked(self.look.ignore_outliers)
        self.linked_action.setChecked(self.state.linked)

    def _all_labels(self) -> dict[int, str]:
        if self._curves is None:
            return {}
        return {e: starts[0].label for e, starts in self._curves.entries.items()}

    def _all_seeds(self) -> tuple[int, ...]:
        return () if self._curves is None else self._curves.seeds

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        if self._curves is not None:
            self._curves.remove()
        self._curves, self._crosses = None, {}
        self._marks = []
        self._cross_item.setData([])
        self._flag_item.setData([])
        self.labels.clear()
        self.legend.clear()
        self.crosshair.hide()
        self.mark.hide()
        if data is not None:
            self._curves = self._curves_of(data)
        super().ask_fit()

    def _curves_of(self, data: "RunData") -> CurveSet:
        return CurveSet(
            self.canvas,
            self.spec,
            data=data,
            state=self.state,
            look=self.look,
            exact=not self.smooth,
        )

    def painted(self) -> tuple[QWidget, ...]:
        """Return what a picture of the card shows."""
        return *super().painted(), self.mark

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
        curve = self._set().curves[entry]
        strong = curve.strong
        return strong.x, strong.y

    def band(self, entry: int) -> tuple[Floats, Floats, Floats]:
        """Return x and both edges of the band of an optimizer over its seeds."""
        curve = self._set().curves[entry]
        if not isinstance(curve, BandCurve):
            raise LookupError("the seeds are not drawn as a band")
        return curve.item.across, curve.item.low, curve.item.high

    def crosses(self) -> dict[int, tuple[float, float]]:
        """Return last finite step and value of every diverged trial."""
        return dict(self._crosses)

    def visible_entries(self) -> tuple[int, ...]:
        """Return the indices of the optimizers that are drawn."""
        return () if self._curves is None else self._curves.shown_entries()

    def data_revision(self) -> Hashable:
        """Return what tells whether the data have grown by a pixel, or changed."""
        (left, right), _ = self.canvas.view()
        pixel = (right - left) / max(self.canvas.plot_rect().width(), 1.0)
        return None if self._curves is None else self._curves.news(pixel)

    @property
    def look(self) -> CardLook:
        """How the card is looked at."""
        return look_of(self.state, self.name)

    @property
    def weight(self) -> float:
        """Weight of the smoothing that is used here.

        What is chosen for all plots leaves alone what is free of noise, and runs that
        are so short that the average would mostly lag.
        """
        look = self.look
        suits = self.smooth and self.spec.noisy and not self._short()
        return look.smoothing if look.smooth_always or suits else 0.0

    def _short(self) -> bool:
        if self._curves is None:
            return False
        planned = max((t.steps for t in self._curves.data.trials), default=0)
        return 0 < planned <= _TOO_SHORT_TO_SMOOTH

    @property
    def y_scale(self) -> Scale:
        """Scale of the y axis, by choice or because it suits the metric."""
        asked = self.look.y_scale
        if asked is not None:
            return asked
        logs = self.spec.log and self._curves is not None
        return "log" if logs and not self._set().any_negative() else "linear"

    @property
    def log_y(self) -> bool:
        """Whether the y axis is logarithmic."""
        return self.y_scale == "log"

    @property
    def ranges(self) -> tuple[Range, Range] | None:
        """The range of x and of y as values, where a person has zoomed; else None."""
        if self.following and self._zoom() is None:
            return None
        (x0, x1), (y0, y1) = self.canvas.view()
        if self.canvas.log[0]:
            x0, x1 = 10.0 ** min(x0, 300.0), 10.0 ** min(x1, 300.0)
        return (x0, x1), (self.canvas.y_of_axis(y0), self.canvas.y_of_axis(y1))

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        curves, look = self._curves, self.look
        if curves is None:
            return
        if (curves.spread, curves.seed) != (look.spread, look.seed):
            curves.remove()
            curves = self._curves = self._curves_of(curves.data)
            self._crosses = {}
        curves.sampler.x_axis, curves.sampler.log_x = look.x_axis, look.log_x
        if look.x_key != self._drawn_key:
            self._drawn_key = look.x_key
            super().ask_fit()
        scale = self.y_scale
        width = self._linear_width(curves) if scale == "symlog" else 1.0
        self.canvas.set_scales(look.log_x, scale, width=width)
        lo, hi = self._x_view()
        columns = max(int(self.canvas.plot_rect().width()), 50)
        weight, log = self.weight, scale == "log"
        for entry, curve in curves.each():
            on = entry not in self.state.hidden
            if on:
                curve.update(lo=lo, hi=hi, columns=columns, weight=weight, log=log)
            curve.show(on)
        self.levels.draw(self.state.theme, self.state.hidden)
        self._restyle_curves()
        self._find_crosses(curves)
        self._place_marks(curves)
        self._describe(curves)
        roomy = self.width() >= _MARK_FROM
        self.mark.setVisible(roomy and curves.provisional())
        self._outside = self._range_is_stale(curves)

    def _linear_width(self, curves: CurveSet) -> float:
        """Return the half width of the linear part of a symmetric scale."""
        parts = [np.empty(0)]
        for trial in curves.shown_trials():
            series = curves.data.series(trial, self.spec.metric)
            parts.append(series.envelope(0.0, float(series.last_step), _SAMPLE)[1])
        wanted, now = linear_width(np.concatenate(parts)), self.canvas.linear_width
        kept = self.canvas.y_scale == "symlog"
        if kept and now / _OTHER_WIDTH <= wanted <= now * _OTHER_WIDTH:
            return now
        return wanted

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
        zoom = self._zoom()
        if zoom is not None and zoom != self.canvas.view()[0]:
            # What is in view decides on the range of y; so it is read first.
            self.canvas.set_view(zoom, self.canvas.view()[1])
            self.draw()
        x, y = curve_range.fitting(
            self.canvas,
            self._curves,
            look=self.look,
            label_room=self._label_room(),
            levels=self.levels.heights(self.state.hidden).values(),
            zoom=zoom,
        )
        self.canvas.set_view(x, y)

    def ask_fit(self) -> None:
        """Show everything; plots that zoom together all do."""
        super().ask_fit()
        if self.state.linked:
            self.state.set_zoom(self.look.x_key, None)

    def _zoom(self) -> Range | None:
        return self.state.zoom(self.look.x_key) if self.state.linked else None

    def _on_zoomed(self) -> None:
        super()._on_zoomed()
        if self.state.linked:
            self.state.set_zoom(self.look.x_key, self.canvas.view()[0])

    def _follow_zoom(self) -> None:
        """Take the range of x that another plot was given, or all there is."""
        zoom = self._zoom()
        if zoom is None or zoom != self.canvas.view()[0]:
            super().ask_fit()

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
        canvas, look = self.canvas, self.look
        scales = canvas.log, canvas.y_scale, canvas.linear_width
        room = self._labelled(), self._listed()
        spread = look.spread, look.seed
        return look.x_key, self.state.hidden, scales, room, spread, look.ignore_outliers

    def _range_is_stale(self, curves: CurveSet) -> bool:
        if self._fitted_for != self._fit_key():
            return True
        room = self._label_room()
        return curve_range.outside(
            self.canvas,
            curves,
            label_room=room,
            trimmed=self.look.ignore_outliers,
            zoomed=self._zoom() is not None,
        )

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
        for start in curves.trials():
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

    def _on_mouse_gone(self) -> None:
        self._on_left()
        if self._pointing:
            self._pointing = False
            self.state.set_cursor(None)
            self.state.set_hovered(None)

    def _follow_cursor(self) -> None:
        """Show where the mouse is in another plot with the same x axis."""
        cursor = self.state.cursor
        there = cursor is not None and cursor[0] == self.look.x_key
        self._stand(self.follower, cursor[1] if cursor and there else None)
        if self._pointing:
            self.follower.hide()

    def _show_moment(self) -> None:
        """Show the step of the run that is looked at."""
        moment, curves = self.state.moment, self._curves
        if moment is None or curves is None or not curves.shown_trials():
            self.moment_line.hide()
            return
        trial = curves.shown_trials()[0]
        x = self.canvas.x_on_axis(curves.sampler.to_x(trial, np.array([moment])))
        self._stand(self.moment_line, float(x[0]))

    def _stand(self, line: Hairline, x: float | None) -> None:
        (x0, x1), _ = self.canvas.view()
        if x is None or not x0 <= x <= x1 or not self.isVisible():
            line.hide()
            return
        theme, room = self.state.theme, self.canvas.plot_rect()
        color = theme.accent if line is self.moment_line else theme.faint
        line.stand(self.canvas.to_pixels(x, 0.0).x(), room, color)

    def _place_marks(self, curves: CurveSet) -> None:
        canvas, theme = self.canvas, self.state.theme
        crosses = cross_marks(canvas, curves, self._crosses, theme)
        flags = event_marks(canvas, curves, theme)
        self._marks = crosses + flags
        self._cross_item.setData([mark.spot() for mark in crosses])
        self._flag_item.setData([mark.spot() for mark in flags])
        self._show_moment()
        labelled, listed = self._labelled(), self._listed()
        needed = labelled or listed
        specs = label_specs(canvas, curves, state=self.state) if needed else []
        self.labels.place(specs if labelled else [], canvas.plot_rect())
        if not listed:
            self.legend.hide()
            return
        specs.sort(key=lambda spec: spec.y)
        styles = [series_style(spec.entry, theme) for spec in specs]
        self.legend.place(specs, styles, room=canvas.plot_rect(), theme=theme)

    def _named_curves(self) -> tuple[EndLabel, ...]:
        """Return the labels that are to be seen, at ends or in the list."""
        return self.legend.rows() if self.legend.isVisible() else self.labels.shown()

    def _labelled(self) -> bool:
        wide = self.canvas.plot_rect().width() >= _LABELS_FROM
        return wide and self._curves is not None and self._few(self._curves)

    def _listed(self) -> bool:
        wide = self.canvas.plot_rect().width() >= _LEGEND_FROM
        return wide and self._curves is not None and not self._few(self._curves)

    def _few(self, curves: CurveSet) -> bool:
        return len(curves.entries) <= MAX_LABELS

    def _label_room(self) -> float:
        if self._curves is None:
            return 0.0
        texts = list(label_texts(self._curves).values())
        if self._listed():
            return legend_width(texts)
        return label_width(texts) if self._labelled() else 0.0

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
            self._on_mouse_gone()
            return
        self._pointing = True
        place = self.canvas.to_x(position.x())
        self.state.set_cursor((self.look.x_key, place))
        self.state.set_hovered(entry_near(self.canvas, self._curves, position))
        mark = mark_near(self.canvas, self._marks, position)
        self.canvas.viewport().setToolTip("" if mark is None else mark.text)
        x = 10.0 ** min(place, 300.0) if self.canvas.log[0] else place
        self.crosshair.show(
            position.x(),
            room,
            title=self._x_text(x),
            readings=self.read(x),
            theme=self.state.theme,
        )

    def table(self) -> CurveTable:
        """Return what is shown in the range that is shown."""
        lo, hi = self._x_view()
        return table_of(self._set(), first=lo, last=hi)

    def copy_data(self) -> None:
        """Put what is shown on the clipboard as a table, for spreadsheets."""
        if self._curves is None:
            return
        QGuiApplication.clipboard().setText(self.table().text("\t").decode())

    def _x_text(self, x: float) -> str:
        axis = self.look.x_axis
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
        unit = self.state.plot(self.name).subtitle or self.subtitle
        parts = [unit] if unit else []
        if curves.companions and self.spec.companion_note:
            parts.append(self.spec.companion_note)
        if self.weight > 0 and self.spec.metric not in curves.data.sparse:
            parts.append(tr("smoothed {weight}", weight=f"{self.weight:g}"))
        if self.levels.heights(self.state.hidden):
            parts.insert(0, tr("dashes: limit of stability"))
        parts += self._spread_words(curves)
        self.set_subtitle(" · ".join(parts))

    def _note_text(self) -> str:
        # A unit that was typed is part of it: how many seeds there are stays told.
        return self._described

    def _spread_words(self, curves: CurveSet) -> list[str]:
        """Return how seeds are drawn, where there are several."""
        n = curves.most_seeds()
        if curves.spread == "seed" and len(curves.seeds) > 1:
            # One that the run does not have is the first.
            seed = curves.seed if curves.seed in curves.seeds else curves.seeds[0]
            return [tr("seed {n} alone", n=seed)]
        if n < 2:
            return []
        if curves.spread == "trials":
            return [tr("each of {n} seeds", n=n)]
        if curves.spread == "mean":
            ended = (
                [tr("ends where a seed diverged")] if curves.any_mean_ended() else []
            )
            return [tr("mean, 95 % interval"), *ended, tr("{n} seeds", n=n)]
        if n == 2:
            return [tr("median, lowest, highest"), tr("{n} seeds", n=n)]
        return [tr("median, quartiles"), tr("{n} seeds", n=n)]
