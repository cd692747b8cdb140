"""Make .venv-core: what OptLab needs, without Qt, to prove that the core needs none.

Run by the Python of ``.venv``. Walks the requirements of the installed ``optlab[dev]``,
leaves out Qt and what builds on it, and links the files of the rest (copies them where
the file system cannot link), so that nothing is downloaded or stored twice. With
``--check``, run by the Python of ``.venv-core``, it says whether Qt is really absent.
"""

import argparse
import importlib.util
import os
import shutil
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

TARGET: Final = Path(".venv-core")
QT: Final = ("pyqtgraph", "pyside6-essentials", "pytest-qt", "shiboken6")
QT_MODULES: Final = ("PySide6", "pyqtgraph", "pytestqt", "shiboken6")


def main() -> int:
    """Build the environment or check it; return the exit code."""
    parser = argparse.ArgumentParser(description="Make .venv-core, which has no Qt.")
    parser.add_argument("--check", action="store_true", help="is Qt absent here?")
    if parser.parse_args().check:
        return check()
    build()
    return 0


def check() -> int:
    """Say whether a module of Qt can be found by this Python."""
    found = [name for name in QT_MODULES if importlib.util.find_spec(name)]
    if found:
        print(f"{sys.prefix} should have no Qt, but has {', '.join(found)}")
        return 1
    print(f"No Qt in {Path(sys.prefix).name}: there is no {', '.join(QT_MODULES)}.")
    return 0


def build() -> None:
    """Lay the environment anew."""
    if TARGET.exists():
        shutil.rmtree(TARGET)
    venv.create(TARGET, with_pip=False, symlinks=os.name != "nt")
    source, target = site_packages(Path(sys.prefix)), site_packages(TARGET)
    wanted = requirements("optlab", "dev")
    count = sum(link(dist, source, target) for dist in wanted.values())
    print(f"{TARGET}: {len(wanted)} packages of .venv without Qt, {count} files")


def requirements(name: str, extra: str) -> dict[str, Distribution]:
    """Return what ``name[extra]`` needs here, itself included, Qt left out."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(name, extra), (name, "")]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen or name in QT:
            continue
        seen.add((name, extra))
        dist = found.setdefault(name, distribution(name))
        for line in dist.requires or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                child = canonicalize_name(need.name)
                todo += [(child, each) for each in ("", *need.extras)]
    return found


def site_packages(prefix: Path) -> Path:
    """Return the folder of installed packages of an environment."""
    if os.name == "nt":
        return prefix / "Lib" / "site-packages"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return prefix / "lib" / version / "site-packages"


def link(dist: Distribution, source: Path, target: Path) -> int:
    """Give the target the files of one package; return how many."""
    count = 0
    for file in dist.files or ():
        here, there = source / file, target / file
        if ".." in file.parts or not here.is_file():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(here, there)
        except OSError:
            shutil.copy2(here, there)
        count += 1
    return count


if __name__ == "__main__":
    sys.exit(main())
