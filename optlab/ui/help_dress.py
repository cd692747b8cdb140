"""How a page of the help looks: fonts, room and colours for what was Markdown."""

from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)

from optlab.ui.theme import TEXT_PX, Theme, ui_font

MARGIN: Final = 28
_TEXT: Final = TEXT_PX + 1
_HEADINGS: Final = {1: 22, 2: 17, 3: 14}
_LINE_HEIGHT: Final = 138.0
# Lines with Chinese characters are high by themselves.
_CJK_LINE_HEIGHT: Final = 118.0
_TABLE_LINE_HEIGHT: Final = 108.0
_INDENT: Final = 22
_PICTURE: Final = "\ufffc"
"""What stands for a picture in a text."""
_SPACED: Final = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
_FENCE: Final = QTextFormat.Property.BlockCodeFence


def dress(document: QTextDocument, theme: Theme, *, zoom: float) -> None:
    """Give a document that was read from Markdown the look of the window.

    Args:
        document: The document.
        theme: Theme in force.
        zoom: By how much text is larger than usual.
    """
    document.setDefaultFont(ui_font(round(_TEXT * zoom)))
    document.setDocumentMargin(MARGIN)
    document.setIndentWidth(_INDENT * zoom)
    tables = [
        f for f in document.rootFrame().childFrames() if isinstance(f, QTextTable)
    ]
    for block in blocks(document):
        _dress_block(block, theme, zoom=zoom)
    for table in tables:
        _dress_table(table, theme)


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    """Yield the paragraphs of a document."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _dress_block(block: QTextBlock, theme: Theme, *, zoom: float) -> None:
    cursor = QTextCursor(block)
    room = block.blockFormat()
    level = room.headingLevel()
    code = room.hasProperty(_FENCE)
    high = any("\u4e00" <= letter <= "\u9fff" for letter in block.text())
    room.setLineHeight(_CJK_LINE_HEIGHT if high else _LINE_HEIGHT, _SPACED)
    if level:
        first = block.position() == 0
        room.setTopMargin(0 if first else (20 if level == 2 else 12) * zoom)
        room.setBottomMargin(6 * zoom)
    elif code:
        room.setBackground(QBrush(QColor(theme.ground)))
        room.setLineHeight(100.0, _SPACED)
        room.setLeftMargin(10)
        room.setNonBreakableLines(False)
        last = not block.next().blockFormat().hasProperty(_FENCE)
        room.setBottomMargin(10 * zoom if last else 0)
    elif cursor.currentTable() is not None:
        room.setLineHeight(_TABLE_LINE_HEIGHT, _SPACED)
        room.setTopMargin(0)
        room.setBottomMargin(0)
    elif block.textList() is not None:
        room.setTopMargin(2 * zoom)
        room.setBottomMargin(2 * zoom)
    else:
        room.setTopMargin(4 * zoom)
        room.setBottomMargin(8 * zoom)
    if _PICTURE in block.text():
        room.setLineHeight(100.0, _SPACED)
    cursor.setBlockFormat(room)
    if level:
        _dress_heading(block, level, zoom=zoom)
        return
    for start, end, look in pieces(block):
        if look.isAnchor() or look.fontFixedPitch() or code:
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(_look_of(look, theme, code=code, zoom=zoom))


def _dress_heading(block: QTextBlock, level: int, *, zoom: float) -> None:
    cursor = QTextCursor(block)
    for start, end, look in pieces(block):
        # Markdown says how much larger than the text; that is not to be added.
        look.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        size = round(_HEADINGS.get(level, _TEXT) * zoom)
        look.setProperty(QTextFormat.Property.FontPixelSize, size)
        look.setFontWeight(QFont.Weight.DemiBold)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(look)


def pieces(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Return where pieces of one look begin and end; changing them moves nothing."""
    found = []
    pieces = block.begin()
    while not pieces.atEnd():
        piece = pieces.fragment()
        begin = piece.position()
        found.append((begin, begin + piece.length(), piece.charFormat()))
        pieces += 1
    return found


def _look_of(
    old: QTextCharFormat, theme: Theme, *, code: bool, zoom: float
) -> QTextCharFormat:
    look = QTextCharFormat()
    if old.isAnchor():
        look.setForeground(QBrush(QColor(theme.accent)))
        look.setFontUnderline(False)
    if code or old.fontFixedPitch():
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        look.setFontFamilies(
            ["Menlo", "Consolas", "DejaVu Sans Mono", fixed, "Noto Sans CJK SC"]
        )
        look.setProperty(QTextFormat.Property.FontPixelSize, round((_TEXT - 1) * zoom))
        if not code and not old.isAnchor():
            look.setBackground(QBrush(QColor(theme.hover)))
    return look


def _dress_table(table: QTextTable, theme: Theme) -> None:
    look = table.format()
    look.setBorder(1)
    look.setBorderBrush(QBrush(QColor(theme.line)))
    look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    look.setBorderCollapse(True)
    look.setCellPadding(6)
    look.setCellSpacing(0)
    look.setTopMargin(6)
    look.setBottomMargin(12)
    table.setFormat(look)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    bold.setForeground(QBrush(QColor(theme.muted)))
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        last = cell.lastCursorPosition().position()
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(bold)
