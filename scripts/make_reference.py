"""Write the reference of the documentation from the catalog, in every language.

    python scripts/make_reference.py docs

Into ``reference`` and ``zh/reference``, which git ignores: what the catalog says is
written in the catalog.
"""

import sys
from pathlib import Path

from optlab.plugins import load_catalog
from optlab.reference import reference_pages
from optlab.translate import available_languages, set_language


def main() -> None:
    """Write all pages."""
    docs = Path(sys.argv[1])
    for code in available_languages():
        set_language(code)
        folder = docs.joinpath(*([] if code == "en" else [code]), "reference")
        folder.mkdir(parents=True, exist_ok=True)
        for page in reference_pages(load_catalog()):
            path = folder / f"{page.name}.md"
            path.write_text(page.text, encoding="utf-8")


if __name__ == "__main__":
    main()
