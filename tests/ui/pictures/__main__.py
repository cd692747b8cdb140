"""Draw every state of the window into a folder.

    QT_QPA_PLATFORM=offscreen python -m tests.ui.pictures FOLDER [NAME...]

Pictures have at most 256 colours, which nobody sees and which takes a third of the
room. A scene that is scaled is drawn by a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from tests.ui.pictures.scenes import scenes
from tests.ui.pictures.stage import Scene, Stage, played


def main() -> int:
    """Draw what is asked for; return the exit code."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [scene for scene in scenes() if not names or scene.name in names]
    own = os.environ.get("OPTLAB_PICTURE_SCALE", "100")
    app = QApplication([])
    for number, scene in enumerate(wanted, 1):
        path = folder / f"{scene.name}.png"
        if str(scene.scale) != own:
            _elsewhere(scene, folder)
        else:
            _draw(scene, path)
        said = f"{number:3} of {len(wanted)}  {path.name}: {scene.shows}\n"
        sys.stdout.write(said)
        sys.stdout.flush()
    del app
    return 0


def _draw(scene: Scene, path: Path) -> None:
    with TemporaryDirectory() as files, played(scene, Path(files)) as stage:
        _picture(stage).save(str(path), "PNG")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)


def _picture(stage: Stage) -> QPixmap:
    """Return the window with everything that lies over it."""
    window, *others = stage.windows()
    picture = window.grab()
    painter = QPainter(picture)
    corner = window.mapToGlobal(QPoint(0, 0))
    for other in others:
        painter.drawPixmap(other.pos() - corner, other.grab())
    painter.end()
    return picture


def _elsewhere(scene: Scene, folder: Path) -> None:
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": str(scene.scale / 100),
        "OPTLAB_PICTURE_SCALE": str(scene.scale),
    }
    command = [sys.executable, "-m", "tests.ui.pictures", str(folder), scene.name]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
