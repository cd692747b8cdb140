"""What a verdict is about: baseline, metric, target, and what a speed-up counts."""

from collections.abc import Sequence
from math import isfinite

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from optlab.analysis.costs import AXES, Axis, axis_label
from optlab.analysis.evidence import Findings
from optlab.analysis.targets import metric_words
from optlab.export.number_text import number
from optlab.translate import tr
from optlab.ui.flow_layout import FlowLayout
from optlab.ui.tab_order import order_tabs
from optlab.ui.theme import set_property
from optlab.ui.verdict_reader import VerdictReader

JUDGED_BY = ("val_loss", "val_accuracy", "value", "train_loss")
_SHORTEST = 11
_TARGET_WIDTH = 92
_FIELD_HEIGHT = 28


class VerdictControls(QWidget):
    """A few fields side by side, in as many lines as they take.

    What is chosen is about what is judged here; the experiment and the run stay.

    Args:
        reader: Where it is chosen.
    """

    room_changed = Signal()

    def __init__(self, reader: VerdictReader) -> None:
        super().__init__()
        self._reader = reader
        self.setObjectName("verdict.controls")
        self.problem = _combo("verdict.problem", tr("Problem"))
        self.baseline = _combo("verdict.baseline", tr("Compared with"))
        self.judged = _combo("verdict.metric", tr("Judged by"))
        self.axis = _combo("verdict.axis", tr("What a speed-up counts"))
        self.target = QLineEdit()
        self.target.setObjectName("verdict.target")
        self.target.setAccessibleName(tr("Target"))
        self.target.setToolTip(
            tr("What is to be reached; empty for what half of the optimizers end at")
        )
        self.target.setFixedWidth(_TARGET_WIDTH)
        self.pairs = QCheckBox(tr("All pairs"))
        self.pairs.setObjectName("verdict.pairs")
        self.pairs.setAccessibleName(tr("Compare every optimizer with every other"))
        self.pairs.setToolTip(self.pairs.accessibleName())
        self._flow = FlowLayout(self)
        self._flow.setSpacing(6)
        self._pairs_field = _field("", self.pairs)
        self._problem_field = _field(tr("on"), self.problem)
        for field in (
            self._problem_field,
            _field(tr("against"), self.baseline),
            _field(tr("judged by"), self.judged),
            _field(tr("target"), self.target),
            _field(tr("speed-up in"), self.axis),
            self._pairs_field,
        ):
            self._flow.addWidget(field)
        for axis in AXES:
            self.axis.addItem(axis_label(axis), axis)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        order_tabs(self)
        self._connect()

    def _connect(self) -> None:
        self.problem.activated.connect(self._choose_problem)
        self.baseline.activated.connect(self._choose_baseline)
        self.judged.activated.connect(self._choose_metric)
        self.axis.activated.connect(self._choose_axis)
        self.target.editingFinished.connect(self._choose_target)
        self.pairs.toggled.connect(self._choose_pairs)

    def show_choice(self, problems: Sequence[str], findings: Findings) -> None:
        """Offer what there is to choose from, and show what is chosen."""
        choice = self._reader.choice
        self._problem_field.setVisible(len(problems) > 1)
        _offer(self.problem, [(name, k) for k, name in enumerate(problems)])
        _offer(self.baseline, [(label, label) for label in findings.labels])
        there = {name for run in findings.runs for name in run.metrics}
        metrics = [name for name in JUDGED_BY if name in there]
        _offer(self.judged, [(metric_words(name), name) for name in metrics])
        _take(self.problem, problems.index(findings.problem))
        _take(self.baseline, findings.baseline)
        _take(self.judged, findings.metric)
        _take(self.axis, choice.axis)
        with QSignalBlocker(self.pairs):
            self.pairs.setChecked(findings.spec.comparison.all_pairs)
        self._pairs_field.setVisible(len(findings.labels) > 2)
        if not self.target.hasFocus():
            target = choice.target
            self.target.setText("" if target is None else f"{target:g}")
            set_property(self.target, "invalid", False)
        self._fit()

    def show_target(self, target: float | None) -> None:
        """Show which target is taken where none is typed."""
        self.target.setPlaceholderText("" if target is None else number(target, 3))

    def sizeHint(self) -> QSize:
        """Return the height that all fields take in this width."""
        return QSize(0, self._flow.heightForWidth(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as it needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = self._flow.heightForWidth(max(self.width(), 1))
        if height != self.height():
            self.setFixedHeight(height)

    def _choose_problem(self, index: int) -> None:
        self._reader.choose(problem=index, baseline="", metric="", target=None)

    def _choose_baseline(self, index: int) -> None:
        self._reader.choose(baseline=str(self.baseline.itemData(index)))

    def _choose_metric(self, index: int) -> None:
        # A target is a value of a metric.
        self._reader.choose(metric=str(self.judged.itemData(index)), target=None)

    def _choose_axis(self, index: int) -> None:
        self._reader.choose(axis=axis_named(str(self.axis.itemData(index))))

    def _choose_pairs(self, on: bool) -> None:
        self._reader.choose(all_pairs=on)

    def _choose_target(self) -> None:
        text = self.target.text().strip().replace(",", ".")
        try:
            target = float(text) if text else None
        except ValueError:
            target = float("nan")
        wrong = target is not None and not isfinite(target)
        set_property(self.target, "invalid", wrong)
        if not wrong:
            self._reader.choose(target=target)


def axis_named(name: str) -> Axis:
    """Return one of the axes by its name."""
    return next(axis for axis in AXES if axis == name)


def _combo(name: str, title: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(title)
    combo.setToolTip(title)
    policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    combo.setSizeAdjustPolicy(policy)
    combo.setMinimumContentsLength(_SHORTEST)
    return combo


def _field(caption: str, field: QWidget) -> QWidget:
    pair = QWidget()
    pair.setMinimumHeight(_FIELD_HEIGHT)
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 6, 0)
    row.setSpacing(6)
    if caption:
        label = QLabel(caption)
        label.setProperty("role", "field")
        label.setBuddy(field)
        row.addWidget(label)
    row.addWidget(field)
    return pair


def _offer(combo: QComboBox, items: Sequence[tuple[str, object]]) -> None:
    """Let a combo box offer exactly these; one that does already stays open."""
    have = [(combo.itemText(k), combo.itemData(k)) for k in range(combo.count())]
    if have == list(items):
        return
    with QSignalBlocker(combo):
        combo.clear()
        for text, data in items:
            combo.addItem(text, data)
            combo.setItemData(combo.count() - 1, text, Qt.ItemDataRole.ToolTipRole)


def _take(combo: QComboBox, data: object) -> None:
    index = combo.findData(data)
    if index >= 0 and index != combo.currentIndex():
        combo.setCurrentIndex(index)
