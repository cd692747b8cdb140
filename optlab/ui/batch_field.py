"""The batch size from one sample to all of them, with the names it goes by."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QLabel, QSlider, QVBoxLayout, QWidget

from optlab.params import InputError, ParamSpec
from optlab.translate import tr, tr_n
from optlab.ui.arithmetic import understood
from optlab.ui.fields import LineField, repolish
from optlab.ui.study import Study

# How far the slider goes while the number of samples is not known.
UNKNOWN: Final = 4096


class BatchField(LineField):
    """A number, a slider with logarithmic steps, and the name of what that is.

    ``all`` and ``N`` stand for the number of training samples, once that is known.

    Args:
        spec: The parameter.
        key: Its dotted place.
        study: Knows how many samples there are.
        usual: Returns the batch size that holds where none is given.
    """

    def __init__(
        self,
        spec: ParamSpec,
        key: str,
        *,
        study: Study,
        usual: Callable[[], int],
    ) -> None:
        super().__init__(spec, key)
        self._study = study
        self._usual = usual
        self._sizes: tuple[int, ...] = ()
        self.slider = QuietSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{key}.slider")
        self.slider.setAccessibleName(tr("Batch size"))
        self.slider.setToolTip(tr("From one sample a step (SGD) to all of them (GD)"))
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._words = QLabel()
        self._words.setObjectName(f"{key}.words")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        tip = tr(
            "Samples in each step, of all training samples: one is stochastic gradient "
            "descent, all are gradient descent proper."
        )
        self._words.setToolTip(tip)
        self.below = QWidget()
        layout = QVBoxLayout(self.below)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(2)
        layout.addWidget(self.slider)
        layout.addWidget(self._words)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self.finished)
        self.line.textChanged.connect(self._refresh)
        self._refresh()

    def show_text(self, text: str) -> None:
        """Show a batch size, and what is known of the samples by now."""
        super().show_text(text)
        self._refresh()

    def text(self) -> str:
        """Return what is typed; a number where it says that all are meant."""
        text, total = super().text(), self._study.train_size()
        meant = text.strip().casefold() in ("n", "all", tr("all").casefold())
        return str(total) if meant and total else text

    def _size(self) -> int:
        try:
            value = understood(self.spec, self.text(), "")
        except InputError:
            return 0
        return self._usual() if value is None else int(str(value))

    def _refresh(self) -> None:
        total, size = self._study.train_size(), self._size()
        self._sizes = batch_sizes(total or UNKNOWN)
        place = sum(step <= size for step in self._sizes) - 1
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._sizes) - 1)
        self.slider.setValue(max(place, 0))
        self.slider.blockSignals(False)
        self._words.setText(batch_words(size, total))
        role = "error" if total and size > total else "muted"
        if self._words.property("role") != role:
            self._words.setProperty("role", role)
            repolish(self._words)

    def _slide(self, place: int) -> None:
        self.line.setText(str(self._sizes[place]))
        self.edited.emit(self.text())


class QuietSlider(QSlider):
    """A slider that the mouse wheel moves only when it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls, unless it is meant for this."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def batch_sizes(total: int) -> tuple[int, ...]:
    """Return the sizes that a slider stops at: powers of two, and all samples."""
    sizes, size = [], 1
    while size < total:
        sizes.append(size)
        size *= 2
    return (*sizes, total)


def batch_words(size: int, total: int) -> str:
    """Return what training with a batch size is called, and what it comes to.

    Args:
        size: The batch size; 0 where it is not known.
        total: The number of training samples; 0 where it is not known.
    """
    if not size:
        return ""
    if total and size > total:
        return tr_n("There is only {n} sample.", "There are only {n} samples.", n=total)
    if size == total:
        name = tr("Full batch (GD)")
    elif size == 1:
        name = tr("Stochastic (SGD)")
    else:
        name = tr("Mini-batch")
    if not total:
        return name
    steps = tr_n("{n} step an epoch", "{n} steps an epoch", n=-(-total // size))
    share = tr("{size} of {total}", size=f"{size:,}", total=f"{total:,}")
    return f"{name} · {share} · {steps}"
