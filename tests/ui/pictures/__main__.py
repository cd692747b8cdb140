"""Draw every state of the window into a folder, and say what is wrong with it.

    QT_QPA_PLATFORM=offscreen python -m tests.ui.pictures FOLDER [NAME...]
    QT_QPA_PLATFORM=offscreen python -m tests.ui.pictures --sweep [NAME...]

Pictures have at most 256 colours, which nobody sees and which takes a third of the
room. A scene that is scaled is played by a process of its own.
"""

import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from tests.ui.pictures.scenes import scenes
from tests.ui.pictures.stage import Scene, Stage, played
from tests.ui.pictures.sweep import faults, summary

Bytes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Packed: TypeAlias = np.ndarray[Any, np.dtype[np.uint32]]
Counts: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
COMMON: Final = 150
"""How many colours of a picture are kept as they are."""
SWEEP: Final = "--sweep"
SCALE: Final = "OPTLAB_PICTURE_SCALE"
SCREEN: Final = {
    "name": "room enough",
    "x": 0,
    "y": 0,
    "width": 1440,
    "height": 900,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}
HEAD: Final = """# Pictures

Every state of the window that is looked at and swept for faults, drawn by
`make pictures` from the real window.

| picture | shows |
|---|---|
"""


def main() -> int:
    """Do what is asked for; return the exit code."""
    target, names = sys.argv[1], sys.argv[2:]
    if target != SWEEP:
        Path(target).mkdir(parents=True, exist_ok=True)
    wanted = [scene for scene in scenes() if not names or scene.name in names]
    own = int(os.environ.get(SCALE, "100"))
    failed = 0
    with TemporaryDirectory() as files:
        app = _application(Path(files))
        drawn = Path(files, "samples")
        drawn.mkdir()
        for scale, group in groupby(wanted, key=lambda scene: scene.scale):
            here = list(group)
            if scale != own:
                failed += elsewhere(target, scale, [scene.name for scene in here])
                continue
            for scene in here:
                failed += _play(scene, target, drawn)
    del app
    if target != SWEEP and not names:
        rows = [f"| [{s.name}]({s.name}.png) | {s.shows} |\n" for s in wanted]
        Path(target, "README.md").write_text(HEAD + "".join(rows), encoding="utf-8")
    return min(failed, 1)


def _application(folder: Path) -> QApplication:
    """Return the application, on a screen that has room for every window.

    Without a screen Qt takes one of 800 by 800, and moves menus and popups into that.
    With one as large as the window they stay within the picture.
    """
    arguments = ["optlab"]
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        config = folder / "screen.json"
        config.write_text(json.dumps({"screens": [SCREEN]}), encoding="utf-8")
        arguments += ["-platform", f"offscreen:configfile={config}"]
    return QApplication(arguments)


def _play(scene: Scene, target: str, samples: Path) -> int:
    """Draw a scene and sweep it; return how many faults were found."""
    with (
        TemporaryDirectory() as files,
        played(scene, Path(files), samples=samples, pictured=target != SWEEP) as stage,
    ):
        if target != SWEEP:
            _save(_picture(stage), Path(target, f"{scene.name}.png"))
        found = [f for window in stage.windows() for f in faults(window)]
    said = f"{scene.name}: {scene.shows}\n"
    sys.stdout.write(said + (summary(found) + "\n" if found else ""))
    sys.stdout.flush()
    return len(found)


def _save(pixmap: QPixmap, path: Path) -> None:
    pixmap.save(str(path), "PNG")
    with Image.open(path) as picture:
        drawn = np.asarray(picture.convert("RGB")).astype(np.uint32)
    packed = drawn @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    values, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    palette = _palette(values, counts)
    nearest = np.concatenate(
        [
            np.square(part[:, np.newaxis] - palette).sum(axis=-1).argmin(axis=1)
            for part in np.array_split(_unpacked(values).astype(np.int32), 16)
        ]
    )
    indices = nearest[places].reshape(packed.shape).astype(np.uint8)
    small = Image.fromarray(indices, mode="P")
    small.putpalette(palette.astype(np.uint8).tobytes())
    small.save(path, optimize=True)


def _palette(values: Packed, counts: Counts) -> Counts:
    """Return the commonest colours as they are, and such as are near to the others.

    A palette for all would shift grounds, or forget the colours of thin lines.
    """
    order = counts.argsort()[::-1]
    common, rest = values[order[:COMMON]], values[order[COMMON:]]
    colors = _unpacked(common)
    if rest.size:
        row = Image.fromarray(_unpacked(rest)[np.newaxis])
        others = row.quantize(256 - COMMON, Image.Quantize.MAXCOVERAGE)
        flat = np.array(others.getpalette(), np.uint8)
        colors = np.concatenate([colors, flat.reshape(-1, 3)])
    return colors[:256].astype(np.int64)


def _unpacked(colors: Packed) -> Bytes:
    parts = [(colors >> shift) & 255 for shift in (16, 8, 0)]
    return np.stack(parts, axis=-1).astype(np.uint8)


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


def elsewhere(target: str, scale: int, names: list[str]) -> int:
    """Play scenes of another scale in a process of its own; return its exit code."""
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": f"{scale / 100:g}",
        SCALE: str(scale),
    }
    command = [sys.executable, "-m", "tests.ui.pictures", target, *names]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
