"""What ``optlab doctor --bundle`` puts into a zip for a bug report."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from optlab.cli.output import cannot_write
from optlab.cli.private import Private
from optlab.cli.training import exists
from optlab.log import last_lines
from optlab.params import InputError
from optlab.plugins import OFF, installed_plugins
from optlab.translate import tr

LOG_LINES: Final = 2_000
SETTINGS: Final = ("window.ini", OFF)
NOBODYS: Final = "recent"
"""What begins so in the settings names files, which are nobody else's business."""
MOST_BYTES: Final = 500_000


def check_bundle(path: Path) -> None:
    """Refuse a place for the zip that is taken or cannot be, before any work.

    Raises:
        InputError: It is so.
    """
    if path.suffix.lower() != ".zip":
        raise InputError("--bundle", str(path), tr("a file name that ends in .zip"))
    if path.exists() or path.is_symlink():
        raise exists(path)
    if not path.parent.is_dir():
        text = tr("a file in a folder that is there")
        raise InputError("--bundle", str(path), text)


def write_bundle(path: Path, report: Mapping[str, object]) -> tuple[str, ...]:
    """Write the zip and return the names of what is in it.

    Args:
        path: Where; nothing is overwritten.
        report: What the doctor found.

    Raises:
        InputError: It is there already, or cannot be written.
    """
    private = Private()
    parts = {name: private.text(text) for name, text in _parts(report, private)}
    try:
        with path.open("xb") as file:
            try:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                    for name, text in parts.items():
                        # A fixed date: that of a person's clock is nobody's business.
                        archive.writestr(zipfile.ZipInfo(name), text)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        raise cannot_write(path, error) from None
    return tuple(parts)


def _parts(report: Mapping[str, object], private: Private) -> Iterator[tuple[str, str]]:
    yield "report.json", json.dumps(private.value(report), indent=1, ensure_ascii=False)
    plugins = [private.value(asdict(plugin)) for plugin in installed_plugins()]
    yield "plug-ins.json", json.dumps(plugins, indent=1, ensure_ascii=False)
    yield "log.txt", "\n".join(last_lines(LOG_LINES))
    folder = user_config_path("optlab", appauthor=False)
    for name in SETTINGS:
        # Those that were never kept are not there.
        with suppress(OSError), (folder / name).open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8", errors="replace")
            yield f"settings/{name}", _without_files(text)


def _without_files(settings: str) -> str:
    kept, left_out = [], False
    for line in settings.splitlines():
        if line.startswith("["):
            left_out = line.lower().startswith(f"[{NOBODYS}")
        if not left_out and not line.lower().startswith(NOBODYS):
            kept.append(line)
    return "\n".join(kept)
