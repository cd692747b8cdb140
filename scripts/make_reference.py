"""Write the reference of the documentation, in every language.

    python scripts/make_reference.py docs

Into ``reference`` and ``zh/reference``, which git ignores: what the catalog says is
written in the catalog, and the commands are those of the window itself.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QApplication

from optlab.plugins import load_catalog
from optlab.reference import reference_pages
from optlab.registry import Catalog
from optlab.translate import available_languages, set_language
from optlab.ui.commands_page import commands_page
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow


def main() -> None:
    """Write all pages."""
    docs = Path(sys.argv[1])
    # A window is made, but nobody has to see it.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    catalog = load_catalog()
    for code in available_languages():
        set_language(code)
        folder = docs.joinpath(*([] if code == "en" else [code]), "reference")
        folder.mkdir(parents=True, exist_ok=True)
        texts = {page.name: page.text for page in reference_pages(catalog)}
        texts["commands"] = _commands(catalog)
        for name, text in texts.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
    del app


def _commands(catalog: Catalog) -> str:
    """Return the page of all commands, asked of a window as it opens."""
    with TemporaryDirectory() as folder:
        window = MainWindow(make_session(catalog, folder=Path(folder)))
        try:
            return commands_page(window.commands)
        finally:
            window.close()


if __name__ == "__main__":
    main()
