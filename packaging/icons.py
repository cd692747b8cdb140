"""Paint the icon as PNG, for systems whose programs cannot carry an SVG.

Called as ``python packaging/icons.py PNG [SIZE]``.
"""

import os
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SVG: Final = ROOT / "optlab" / "resources" / "icons" / "optlab.svg"


def paint(target: Path, size: int) -> None:
    """Write the icon to a PNG file of ``size`` × ``size`` pixels."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(target)):
        raise OSError(f"cannot write {target}")
    del application


if __name__ == "__main__":
    paint(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 256)
