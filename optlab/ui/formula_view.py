"""A label that shows a typeset formula, crisp and in the colour of the text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy

from optlab.ui.background import BackgroundTask, Report

if TYPE_CHECKING:
    from optlab.export.formula import Pixels

LETTER_PX: Final = 16.0
SMALLEST_PX: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class FormulaJob:
    """What is to be typeset.

    Attributes:
        tex: Lines of mathtext.
        width: Room for it, in pixels before `ratio`.
        ratio: Device pixels to a pixel.
    """

    tex: tuple[str, ...]
    width: int
    ratio: float


class FormulaView(QLabel):
    """Shows what was typeset, and takes another colour at once."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "formula")
        self.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pixels: Pixels | None = None
        self._ratio = 1.0
        self._color = "#000000"

    def set_color(self, color: str) -> None:
        """Show the formula in another colour."""
        self._color = color
        self._paint_pixels()

    def show_pixels(self, pixels: "Pixels", ratio: float) -> None:
        """Show a picture whose alpha says where there is ink."""
        self._pixels, self._ratio = pixels, ratio
        self._paint_pixels()

    def _paint_pixels(self) -> None:
        if self._pixels is None:
            return
        color = QColor(self._color)
        pixels = self._pixels.copy()
        pixels[..., :3] = (color.red(), color.green(), color.blue())
        height, width, _ = pixels.shape
        form = QImage.Format.Format_RGBA8888
        image = QImage(pixels.tobytes(), width, height, 4 * width, form)
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(self._ratio)
        self.setPixmap(picture)


class Typesetter(QObject):
    """Typesets off the GUI thread, one formula at a time; a newer one supersedes.

    The first one takes a third of a second, as matplotlib has to find its fonts.
    """

    done = Signal()
    """The job that was asked for last is done: `result` is its picture."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.result: Pixels | None = None
        self._job: FormulaJob | None = None
        self._running: FormulaJob | None = None
        self._task: BackgroundTask | None = None
        self._closed = False

    def ask(self, job: FormulaJob) -> None:
        """Typeset ``job``; `done` comes later, or at once if it is there already."""
        if job == self._job and self._task is None and self.result is not None:
            self.done.emit()
            return
        self._job = job
        if self._task is None:
            self._begin()

    def shutdown(self) -> bool:
        """End the thread, bounded; return whether it has ended."""
        self._closed = True
        return self._task is None or self._task.shutdown()

    def _begin(self) -> None:
        job = self._running = self._job
        if job is None or self._closed:
            return
        self.result = None
        self._task = BackgroundTask(self._work(job), parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()

    def _work(self, job: FormulaJob) -> Callable[[Report], None]:
        def work(_report: Report) -> None:
            self.result = fitted(job.tex, width=job.width, ratio=job.ratio)

        return work

    @Slot(bool, str)
    def _finish(self, _well: bool, _reason: str) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        if self._closed:
            return
        if self._job != self._running:
            self._begin()
        else:
            self.done.emit()


def fitted(tex: Sequence[str], *, width: int, ratio: float) -> "Pixels":
    """Return a formula in letters that make it fit into ``width``, if that is legible.

    Args:
        tex: Lines of mathtext.
        width: Room in pixels before ``ratio``.
        ratio: Device pixels to a pixel.
    """
    from optlab.export.formula import FormulaStyle, formula_pixels

    pixels = formula_pixels(tex, FormulaStyle(size=LETTER_PX, ratio=ratio))
    natural = pixels.shape[1] / ratio
    if natural <= width:
        return pixels
    size = max(SMALLEST_PX, LETTER_PX * (width - 1) / natural)
    return formula_pixels(tex, FormulaStyle(size=size, ratio=ratio))
