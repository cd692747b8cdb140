"""The written pages of the help hang together, in both languages."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
# Written by scripts/make_reference.py.
GENERATED = re.compile(r"(zh/)?reference/[a-z-]+\.md")


def written(folder: Path) -> list[str]:
    """Return the written pages of one language, as paths in its folder."""
    found = [
        folder / "index.md",
        *folder.glob("guide/*.md"),
        *folder.glob("plots/*.md"),
    ]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def links(page: str) -> Iterator[tuple[bool, str]]:
    """Yield every link of a page inside the documentation, and whether a picture."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for mark, target in LINK.findall(text):
        if "://" not in target:
            place = (DOCS / page).parent / target.partition("#")[0]
            yield bool(mark), place.resolve().relative_to(DOCS).as_posix()


PAGES = (*written(DOCS), *(f"zh/{page}" for page in written(DOCS / "zh")))


def shipped() -> dict[str, str]:
    """Return what a wheel ships of the documentation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    table: dict[str, str] = wheel["force-include"]
    return table


@pytest.mark.parametrize("page", PAGES)
def test_that_every_link_leads_somewhere(page: str) -> None:
    for picture, target in links(page):
        there = (DOCS / target).is_file() or GENERATED.fullmatch(target)
        assert there, f"{page} links to {target}"
        if not picture:
            # A Chinese page leads to Chinese ones.
            assert target.startswith("zh/") == page.startswith("zh/")


def test_that_a_wheel_ships_every_page_and_every_picture() -> None:
    table = shipped()
    for page in PAGES:
        for needed in (page, *(t for picture, t in links(page) if picture)):
            holder = f"docs/{needed}"
            while holder not in table:
                assert "/" in holder, f"{needed} is not in the wheel"
                holder = holder.rpartition("/")[0]
            rest = f"docs/{needed}".removeprefix(holder)
            assert table[holder] + rest == f"optlab/resources/help/{needed}"
    assert all((ROOT / source).exists() for source in table)


def test_that_both_languages_have_the_same_pages_and_headings() -> None:
    assert written(DOCS) == written(DOCS / "zh")
    for page in written(DOCS):
        counts = [
            [
                len(re.findall(rf"^{mark}", text, re.MULTILINE))
                for mark in ("# ", "## ", r"\|", r"!\[", r"\d\. ")
            ]
            for text in (
                (DOCS / page).read_text(encoding="utf-8"),
                (DOCS / "zh" / page).read_text(encoding="utf-8"),
            )
        ]
        assert counts[0] == counts[1], page


def test_that_the_built_documentation_leads_to_every_page() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^ +- (?:.*: )?(\S+\.md)$", nav, re.MULTILINE)
    assert set(PAGES) <= set(listed)
    assert len(set(listed)) == len(listed)
