"""The reference says everything that the catalog knows."""

import re

import pytest

from optlab.plugins import load_catalog
from optlab.reference import reference_pages
from optlab.registry import Catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_that_every_entry_and_every_parameter_has_its_place(catalog: Catalog) -> None:
    text = "\n".join(page.text for page in reference_pages(catalog))
    headings = set(re.findall(r"^## (.+)$", text, re.MULTILINE))
    entries = [
        *catalog.optimizers,
        *catalog.schedulers,
        *catalog.problems,
        *catalog.models,
        *catalog.datasets,
        *catalog.metrics,
        *catalog.diagnostics,
        *catalog.presets,
    ]
    assert {info.name for info in entries} == headings
    for info in entries:
        for param in info.params:
            assert f"| `{param.name}` |" in text


def test_that_pages_are_files_and_tables_keep_their_columns(catalog: Catalog) -> None:
    pages = reference_pages(catalog)
    names = [page.name for page in pages]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)
    for page in pages:
        assert page.text.startswith(f"# {page.title}\n")
        rows = [line for line in page.text.splitlines() if line.startswith("| ")]
        assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
