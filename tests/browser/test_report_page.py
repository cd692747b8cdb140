"""A report of real runs opens in a real browser, alone, and can be read and printed.

``make test-browser``; left out where there is no Chromium.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from optlab.cli.program import main
from tests.browser.chromium import Chromium

PROGRAM = shutil.which("chromium")
STUDY = """
format = 1
title = "A <b>bold</b> claim & \\"quotes\\""
[problem]
name = "linear-regression"
[[further_problems]]
name = "linear-regression"
batch_size = 8
[training]
steps = 60
seeds = [0, 1, 2, 3, 4, 5, 6]
eval_every = 5
[tuning]
trials = 6
rungs = 2
[comparison]
baseline = "Adam"
[[optimizers]]
name = "SGD"
label = "SGD with a long name, <script>alert(1)</script>"
lr = 0.1
[[optimizers]]
name = "SGD"
label = "Momentum"
lr = 0.05
momentum = 0.9
[[optimizers]]
name = "Adam"
label = "Adam"
lr = 0.01
"""
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="there is no chromium"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a study that was really tuned and compared."""
    folder = tmp_path_factory.mktemp("report")
    spec = folder / "study.toml"
    spec.write_text(STUDY, encoding="utf-8")
    out = folder / "study"
    assert main(["tune", str(spec), "--out", str(out), "--jobs", "1", "--quiet"]) == 0
    path = folder / "report.html"
    assert main(["report", str(out), "--to", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser for all tests here."""
    assert PROGRAM is not None
    with Chromium(PROGRAM, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def page(browser: Chromium, report: Path) -> Chromium:
    """The browser with the report in it."""
    browser.open(report.as_uri())
    return browser


def test_that_it_asks_for_nothing_but_itself(page: Chromium, report: Path) -> None:
    sent = [p["request"]["url"] for n, p in page.events if "requestWillBeSent" in n]
    assert [url for url in sent if not url.startswith("data:")] == [report.as_uri()]


def test_that_a_request_would_be_seen(browser: Chromium, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text('<img src="http://127.0.0.1:9/a.png">', encoding="utf-8")
    browser.open(other.as_uri())
    sent = [p["request"]["url"] for n, p in browser.events if "requestWillBeSent" in n]
    assert "http://127.0.0.1:9/a.png" in sent


def test_that_nothing_runs_in_it_and_nothing_is_complained_of(page: Chromium) -> None:
    counted = "document.querySelectorAll('{}').length"
    for forbidden in ("script", "iframe", "object", "embed", "link[href^=http]"):
        assert page.value(counted.format(forbidden)) == 0, forbidden
    handlers = (
        "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
        ".filter(a => a.name.startsWith('on') || /javascript:/i.test(a.value)).length"
    )
    assert page.value(handlers) == 0
    said = [
        n for n, _ in page.events if n in ("Log.entryAdded", "Runtime.exceptionThrown")
    ]
    assert said == []
    assert not [n for n, _ in page.events if n == "Runtime.consoleAPICalled"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [640, 1280])
def test_that_the_page_fits_the_window_at_200_percent(
    page: Chromium, width: int, dark: bool
) -> None:
    with page.screen(width, zoom=2.0, dark=dark):
        inside = page.value("document.documentElement.clientWidth")
        assert inside <= width / 2
        assert page.value("document.documentElement.scrollWidth") <= inside
        beyond = (
            "[...document.querySelectorAll('p, li, h1, h2, h3, dt, dd, figcaption')]"
            ".filter(e => !e.closest('.unseen') &&"
            " e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.textContent)"
        )
        assert page.value(beyond) == []


def test_that_figures_grow_with_the_zoom_and_can_be_moved_then(page: Chromium) -> None:
    width = "document.querySelector('svg').getBoundingClientRect().width"
    sizes = []
    for zoom in (1.0, 2.0):
        with page.screen(1000, zoom=zoom):
            sizes.append(zoom * page.value(width))
            paper = "document.querySelector('.paper')"
            moves = page.value(f"{paper}.scrollWidth > {paper}.clientWidth")
            assert moves == (zoom > 1)
    assert sizes[1] >= 1.5 * sizes[0]


def test_that_every_figure_has_words_and_every_link_a_place(page: Chromium) -> None:
    figures = page.value("document.querySelectorAll('figure').length")
    assert figures >= 8
    named = (
        "[...document.querySelectorAll('svg[role=img]')].filter(e =>"
        " document.getElementById(e.getAttribute('aria-labelledby')).textContent.trim()"
        ").length"
    )
    assert page.value(named) == figures
    dangling = (
        "[...document.querySelectorAll('a')].filter(e =>"
        " !document.querySelector(e.getAttribute('href'))).length"
    )
    assert page.value(dangling) == 0
    ids = page.value("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_that_figures_are_drawn_within_their_clip_paths(page: Chromium) -> None:
    missing = (
        "[...document.querySelectorAll('[clip-path]')].filter(e => !document"
        ".querySelector(e.getAttribute('clip-path').slice(4, -1))).length"
    )
    assert page.value("document.querySelectorAll('[clip-path]').length") > 0
    assert page.value(missing) == 0
    unused = (
        "[...document.querySelectorAll('use')].filter(e => !document"
        ".querySelector(e.getAttribute('href'))).length"
    )
    assert page.value(unused) == 0


def test_that_nothing_is_cut_at_the_edge_of_the_paper(page: Chromium) -> None:
    # A4 less its margins, in pixels of a 96th of an inch.
    width = round((210 - 2 * 17) / 25.4 * 96)
    with page.screen(width, paper=True):
        wider = (
            "[...document.querySelectorAll('table, pre, figure, svg, dl, p, li')]"
            f".filter(e => e.getBoundingClientRect().right > {width} + 1)"
            ".map(e => e.id || e.textContent.slice(0, 60))"
        )
        assert page.value(wider) == []


def test_that_it_prints_on_a4_with_all_sections_and_no_cut_table(
    page: Chromium, tmp_path: Path
) -> None:
    headings = page.value(
        "[...document.querySelectorAll('h2')].map(e => e.textContent)"
    )
    assert len(headings) >= 9
    tables = page.value(
        "[...document.querySelectorAll('.whole table')].map(t => ["
        "t.caption.textContent, t.rows[t.rows.length - 1].cells[0].textContent])"
    )
    assert tables
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(page.pdf())
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True
    )
    pages = [squeezed(text) for text in done.stdout.decode().split("\f")]
    whole = "".join(pages)
    for heading, after in pairwise([*headings, ""]):
        assert squeezed(heading) in whole, heading
        assert whole.index(squeezed(heading)) <= whole.rindex(squeezed(after))
    for caption, last in tables:
        held = [text for text in pages if squeezed(caption) in text]
        assert held, caption
        assert any(squeezed(last)[:12] in text for text in held), (caption, last)
    info = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, check=True)
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+)", info.stdout.decode())
    assert size is not None
    assert (round(float(size[1])), round(float(size[2]))) == (595, 842)


def squeezed(text: str) -> str:
    """Return a text without its spaces: lines are broken elsewhere on paper."""
    return re.sub(r"\s+", "", text)
