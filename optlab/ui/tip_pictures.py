"""The typeset formula in the tool tip of a field, made when a pointer comes near."""

import base64
from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QToolTip, QWidget

from optlab.cards import card
from optlab.ui.fields import Field
from optlab.ui.formula_view import fitted
from optlab.ui.inquiry import Inquiry
from optlab.ui.tips import WIDTH, About
from optlab.ui.view_state import ViewState

TOPIC: Final = "formula"
GAP: Final = 24


class TipPictures:
    """Finds the pictures of formulas in the background and keeps them.

    Args:
        inquiry: Works in the background.
        state: Where the theme is.
    """

    def __init__(self, inquiry: Inquiry, state: ViewState) -> None:
        self._inquiry = inquiry
        self._state = state

    def picture(self, about: About, ratio: float) -> str:
        """Return the formula as rich text; empty while it is not there, or is none.

        Args:
            about: What the formula is of.
            ratio: Device pixels to a pixel.
        """
        color = self._state.theme.text
        key = (about.kind, about.name, color, ratio)
        work = partial(formula_picture, about, color=color, ratio=ratio)
        answer = self._inquiry.ask(TOPIC, key, work)
        return "" if answer is None else str(answer.value or "")


class PicturedTip(QObject):
    """Shows the tool tip of a field and its label with a picture of the formula."""

    def __init__(self, field: Field, label: QWidget, pictures: TipPictures) -> None:
        super().__init__(field.widget)
        self._field = field
        self._pictures = pictures
        for widget in (field.widget, label):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for the picture as soon as the pointer enters; show it with the tip."""
        about = self._field.about
        kinds = (QEvent.Type.Enter, QEvent.Type.ToolTip)
        if about is None or event.type() not in kinds:
            return super().eventFilter(watched, event)
        widget = self._field.widget
        picture = self._pictures.picture(about, widget.devicePixelRatioF())
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._field.tip(picture), widget)
            return True
        return super().eventFilter(watched, event)


def formula_picture(about: About, *, color: str, ratio: float) -> str:
    """Return the formula of the explainer card of something as rich text."""
    found = card(about.kind, about.name)
    if found is None or not found.tex:
        return ""
    pixels = fitted(found.tex, width=WIDTH - GAP, ratio=ratio)
    pixels = pixels.copy()
    pixels[..., :3] = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    height, width, _ = pixels.shape
    form = QImage.Format.Format_RGBA8888
    image = QImage(pixels.tobytes(), width, height, 4 * width, form)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    data = base64.b64encode(buffer.data().data()).decode()
    size = f"width='{round(width / ratio)}' height='{round(height / ratio)}'"
    return f"<img {size} src='data:image/png;base64,{data}'>"
