"""The report says what the run files say: all of it, the same every time, alone."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from optlab.analysis.evidence import Evidence, gather
from optlab.analysis.tuning import BestOf, Tuning
from optlab.export.report import write_report
from optlab.export.report.build import report_of
from optlab.export.report.document import (
    Bullets,
    Code,
    Facts,
    Paragraph,
    Picture,
    Report,
    Subheading,
    Table,
)
from optlab.export.report.figures_tuning import write_tuning
from optlab.export.report.html import html_text
from optlab.export.report.latex import latex_text
from optlab.export.report.markdown import markdown_text
from optlab.export.report.numbers import alike, share_text, short_text
from optlab.export.report.svg import embedded, inline_svg
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.sweep.study import Study
from optlab.translate import set_language
from tests.core.analysis.recorded import gathered, recorded
from tests.core.sweep.here import Here

ROOT = Path(__file__).parents[3]
SEEDS = range(6)
VOID = {"meta", "link", "br", "path", "use", "img"}
EXPERIMENT = """
format = 1
title = "Lines & <slopes>"
[problem]
name = "linear-regression"
[training]
steps = 40
seeds = [0, 1, 2, 3, 4, 5]
eval_every = 5
[comparison]
baseline = "Momentum"
{extra}
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.03
[[optimizers]]
name = "SGD"
label = "Momentum"
lr = 0.01
momentum = 0.9
"""


def test_that_numbers_beside_each_other_have_one_form() -> None:
    assert alike((-6.43e-4, 0.15)) == ["−0.000643", "0.150"]
    assert alike((3.36e-4, 8.25e-4)) == ["3.36×10⁻⁴", "8.25×10⁻⁴"]
    assert alike((2e-9, 0.5)) == ["2.00×10⁻⁹", "5.00×10⁻¹"]
    assert alike((0.0, 0.5, math.inf)) == ["0", "0.500", "∞"]
    assert alike((1e-4, 0.0, math.inf)) == ["1.00×10⁻⁴", "0", "∞"]


def test_that_what_was_chosen_has_no_zeros_at_its_end() -> None:
    found = [short_text(x) for x in (1e-9, 2.5e-9, 0.4, 100.0, 0.0, -1e-9)]
    assert found == ["10⁻⁹", "2.5×10⁻⁹", "0.4", "100", "0", "−1×10⁻⁹"]


def test_that_a_large_share_is_told_as_a_ratio() -> None:
    assert [share_text(x) for x in (0.44, 67.88)] == ["+44 %", "69 times"]


def falling(start: float, rows: int = 7) -> list[float]:
    """Return values that halve with each evaluation."""
    return [start * 2.0**-k for k in range(rows)]


def made(evidence: Evidence) -> Report:
    """Return the report of evidence."""
    return report_of(evidence, lambda _: None)


def told(report: Report) -> str:
    """Return everything that a report says, as one text."""
    return "\n".join(words(report))


def words(report: Report) -> Iterator[str]:
    """Yield every text of a report."""
    yield from (report.title, report.lead, report.badge)
    for section in report.sections:
        yield section.heading
        for block in section.blocks:
            match block:
                case Bullets():
                    yield from (item.text for item in block.items)
                case Facts():
                    yield from (text for pair in block.items for text in pair)
                case Table():
                    yield block.caption
                    yield from (cell for row in block.rows for cell in row)
                    yield block.note
                case Picture():
                    yield from (block.caption, block.alt)
                case _:
                    yield block.text


def table(report: Report, name: str) -> Table:
    """Return one table of a report."""
    blocks = [b for s in report.sections for b in s.blocks]
    return next(b for b in blocks if isinstance(b, Table) and b.name == name)


def answers(report: Report) -> list[str]:
    """Return the sentences of the first section."""
    found: list[str] = []
    for block in report.sections[0].blocks:
        if isinstance(block, Bullets):
            found += [item.text for item in block.items]
        elif isinstance(block, Paragraph):
            found.append(block.text)
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was really trained."""
    return trained(tmp_path_factory.mktemp("runs"))


def trained(folder: Path, extra: str = "") -> Path:
    catalog = load_catalog()
    spec = spec_from_text(EXPERIMENT.format(extra=extra), catalog, name="here")
    for _ in Runner(spec, catalog, folder=folder / "run", device="cpu").run():
        pass
    return folder


@pytest.fixture(scope="module")
def report(runs: Path) -> Report:
    """Its report."""
    return made(gather([runs], load_catalog()))


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    """Its report as HTML."""
    return html_text(report)


def test_that_the_same_run_files_give_the_same_bytes(
    runs: Path, page: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_report(gather([runs], load_catalog()), path)
    assert path.read_bytes() == page.encode()


def test_that_a_moved_folder_gives_the_same_report(
    runs: Path, page: str, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    runs.rename(there)
    try:
        assert html_text(made(gather([there], load_catalog()))) == page
    finally:
        there.rename(runs)


def test_that_a_page_needs_nothing_beside_itself(page: str) -> None:
    assert not re.search(r"https?:|<script|<iframe|<img|javascript:|@import", page)
    assert re.findall(r'<link[^>]*href="([^"]*)"', page) == ["data:,"]
    assert "default-src 'none'" in page
    assert re.findall(r"url\((.)", page) == ["#"] * page.count("url(")


class Ids(HTMLParser):
    """Reads ids and what points at them, and that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.used: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            value = value or ""
            if name == "id":
                self.ids.append(value)
            elif name in ("aria-labelledby", "aria-describedby"):
                self.used.append(value)
            elif name == "href" and value.startswith("#"):
                self.used.append(value[1:])
            self.used += re.findall(r"url\(#([^)]*)\)", value)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_that_ids_are_unique_and_whatever_points_at_one_finds_it(page: str) -> None:
    found = Ids()
    found.feed(page)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert set(found.used) <= set(found.ids)
    assert any(name.startswith("curves-0-") for name in found.used)


def test_that_nothing_that_a_person_typed_becomes_markup(page: str) -> None:
    assert "Lines &amp; &lt;slopes&gt;" in page
    assert "<slopes>" not in page


def test_that_clip_paths_of_two_figures_do_not_meet() -> None:
    figure = (
        '<?xml version="1.0"?><svg viewBox="0 0 9 9" width="9pt"><title>T</title>'
        "<defs><style>*{stroke-linejoin: round}</style></defs>"
        '<metadata>http://purl.org</metadata><g id="a" clip-path="url(#c)">'
        '<use xlink:href="#m" x="1.23456"/>'
        '<text style="font-family: Inter">id="a" url(#c)</text></g>'
        '<clipPath id="c"/></svg>'
    )
    first, second = embedded(figure, "one"), embedded(figure, "two")
    assert first != second
    assert 'id="one-a" clip-path="url(#one-c)"' in first
    assert 'href="#one-m" x="1.23"' in first
    assert '<clipPath id="one-c"/>' in first
    # What is written in a figure stays as it is, in a font that everybody has.
    assert '<text style="font-family: Inter, sans-serif">id="a" url(#c)</text>' in first
    for gone in ("http", "<title", "<style", "<?xml", "width="):
        assert gone not in first


def test_that_the_numbers_are_those_of_the_recorded_values() -> None:
    curves = {
        "A": {s: [4.0, 1.0 + s] for s in SEEDS},
        "B": {s: [4.0, 1.5 + s] for s in SEEDS},
    }
    report = made(gathered(recorded(curves)))
    effects = table(report, "effects-0")
    row = dict(zip((c.title for c in effects.columns), effects.rows[0], strict=True))
    assert row["Optimizer"] == "B"
    assert row["Against"] == "A"
    assert row["n"] == "6"
    assert row["Difference"] == "0.500"
    # The mean of A is 3.5.
    assert row["Relative"] == "+14 %"
    ends = table(report, "ends-0")
    titles = [column.title for column in ends.columns]
    first = dict(zip(titles, ends.rows[0], strict=True))
    assert first["Median"] == first["Mean"] == "3.500"


def test_that_of_accuracies_more_is_better() -> None:
    run = recorded(
        {
            "A": {s: [0.1, 0.8 + s / 100] for s in SEEDS},
            "B": {s: [0.1, 0.7 + s / 100] for s in SEEDS},
        },
        metric="val_accuracy",
    )
    run.spec_text += '\n[comparison]\nmetric = "val_accuracy"\n'
    report = made(gathered(run))
    row = table(report, "effects-0").rows[0]
    assert row[0] == "B"
    assert row[3] == "−0.100"
    (figure,) = [b for b in report.sections[1].blocks if isinstance(b, Picture)]
    assert "further right is better" in html_text(report)
    assert "−0.100" in figure.alt


def test_that_the_answer_stands_first_and_in_whole_sentences(report: Report) -> None:
    assert report.sections[0].name == "answer"
    said = answers(report)
    assert any("SGD" in text and "Momentum" in text for text in said)
    assert any("Fairness certificate" in text for text in said)
    assert all(text[0].isupper() or text[0].isdigit() for text in said)


def test_that_of_many_comparisons_the_answer_counts_what_is_undecided() -> None:
    curves = {label: {s: falling(4 + s) for s in SEEDS} for label in "ABCDEFGHIJ"}
    report = made(gathered(recorded(curves)))
    said = answers(report)
    assert any(text.startswith("No verdict on 9 comparisons") for text in said)
    assert not any("tell" in text for text in said)
    assert len(table(report, "effects-0").rows) == 9
    few = {label: curves[label] for label in "ABC"}
    told_each = answers(made(gathered(recorded(few))))
    assert sum("These data do not tell" in text for text in told_each) == 2


def test_that_all_sections_of_one_problem_are_there(report: Report) -> None:
    assert [section.name for section in report.sections] == [
        "answer",
        "effects",
        "curves",
        "speed",
        "tuning",
        "certificate",
        "experiment",
        "versions",
        "repeating",
    ]
    (code,) = [b for b in report.sections[6].blocks if isinstance(b, Code)]
    assert 'title = "Lines & <slopes>"' in code.text
    assert "lr = 0.03" in code.text


def test_that_time_to_target_is_told_on_all_five_axes(report: Report) -> None:
    titles = [column.title for column in table(report, "times-0").columns]
    assert titles[2:] == [
        "Steps",
        "Samples",
        "Gradient evaluations",
        "Seconds in the optimizer",
        "Seconds in steps",
    ]


def test_that_a_file_that_changes_shows_in_the_hash_of_its_contents(
    tmp_path: Path,
) -> None:
    hashes = set()
    for lr in ("0.5", "0.6"):
        folder = tmp_path / lr
        trained(folder, f"target = {lr}")
        report = made(gather([folder], load_catalog()))
        hashes.add(table(report, "files").rows[0][-1])
    assert len(hashes) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", digest) for digest in hashes)


CASES = {
    "one seed": (
        {"A": {0: falling(4)}, "B": {0: falling(5)}},
        (),
        "One seed: another one may turn the order round.",
    ),
    "one trial": (
        {"A": {0: falling(4)}},
        (),
        "There is one optimizer only: nothing is compared.",
    ),
    "all diverged": (
        {label: {s: [4.0, 1e9] for s in SEEDS} for label in "AB"},
        tuple((label, s) for label in "AB" for s in SEEDS),
        "No trial lasted to its end, so there is no target to reach.",
    ),
    "no common seeds": (
        {"A": {0: falling(4), 1: falling(3)}, "B": {2: falling(5), 3: falling(5)}},
        (),
        "No two optimizers have a seed in common.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_that_little_evidence_gets_one_clear_line_and_all_that_can_be_said(
    name: str,
) -> None:
    curves, diverged, line = CASES[name]
    report = made(gathered(recorded(curves, diverged=diverged)))
    assert line in told(report)
    assert line in answers(report)
    assert table(report, "ends-0").rows
    page = html_text(report)
    assert page.count("<figure") >= 1
    assert "better than" not in told(report)


def test_that_a_target_that_nobody_reaches_is_told_in_one_line() -> None:
    curves = {label: {s: falling(4 + s) for s in SEEDS} for label in "AB"}
    report = made(gathered(recorded(curves, target=1e-9)))
    assert any("is reached by no trial" in text for text in answers(report))
    assert [row[1] for row in table(report, "times-0").rows] == ["0 of 6"] * 2
    assert {cell for row in table(report, "times-0").rows for cell in row[2:]} == {"∞"}


def test_that_runs_of_different_problems_are_told_apart_and_not_compared() -> None:
    report = made(
        gathered(
            recorded({label: {s: falling(4 + s) for s in SEEDS} for label in "AB"}),
            recorded({label: {s: falling(4, 9) for s in SEEDS} for label in "CD"}),
        )
    )
    assert "different problems" in answers(report)[0]
    assert "linear-regression (1)" in told(report)
    assert "linear-regression (2)" in told(report)
    assert not any(t.name == "scores" for t in tables(report))


def two_experiments() -> Report:
    """Return the report of two runs that are not compared with each other."""
    first = {label: {s: falling(4 + s) for s in SEEDS} for label in "AB"}
    second = {label: {s: falling(4, 9) for s in SEEDS} for label in ("C", "Dee")}
    found = gathered(recorded(first), recorded(second, data="five-points"))
    one, other = found.findings
    other = replace(other, spec=replace(other.spec, title="The other one"))
    return made(replace(found, findings=(one, other)))


def test_that_different_experiments_have_a_title_and_a_line_each() -> None:
    report = two_experiments()
    assert report.title == "Several experiments: Recorded by hand; The other one"
    first, second = report.lead.split("\n")
    assert "A, B" in first
    assert "baseline A" in first
    assert "Dee" not in first
    assert "C, Dee" in second
    assert "baseline C" in second
    page = html_text(report)
    assert page.count("are not compared with each other") == 1


@pytest.mark.parametrize("form", [markdown_text, latex_text])
def test_that_in_texts_too_an_answer_stands_under_its_problem(
    form: Callable[[Report], str],
) -> None:
    report = two_experiments()
    names = [b.text for b in report.sections[0].blocks if isinstance(b, Subheading)]
    text = form(report)
    places = [
        text.index(f"{name}\n" if form is markdown_text else f"{name}:\n")
        for name in names
    ]
    second = next(a for a in answers(report) if "Dee" in a)
    assert len(names) == 2
    assert places[0] < places[1] < text.index(second.split(";")[0])


@pytest.mark.parametrize("form", [html_text, markdown_text, latex_text])
def test_that_the_answer_says_why_the_certificate_is_not_green(
    form: Callable[[Report], str],
) -> None:
    curves = {
        "A": {s: falling(4) for s in (0, 1)},
        "B": {s: falling(5) for s in (0, 1)},
    }
    report = made(gathered(recorded(curves)))
    (place,) = (i for i, a in enumerate(answers(report)) if "certificate" in a)
    reasons = answers(report)[place + 1 :]
    assert reasons
    assert all(reason in form(report).replace("\\", "") for reason in reasons)


def test_that_a_table_is_told_in_numbers_of_one_form() -> None:
    curves = {
        "A": {s: [4.0, 1.0] for s in SEEDS},
        "B": {s: [4.0, 1.0 + (0.2 if s else -0.0006)] for s in SEEDS},
        "C": {s: [4.0, 80.0 + s] for s in SEEDS},
    }
    report = made(gathered(recorded(curves, target=1e-9)))
    rows = table(report, "effects-0").rows
    assert not any("×" in cell for row in rows for cell in row)
    assert any("times" in cell for cell in rows[1])
    caption = table(report, "times-0").caption
    assert caption.startswith("Cost of reaching validation loss 10⁻⁹ on")


def tables(report: Report) -> list[Table]:
    return [b for s in report.sections for b in s.blocks if isinstance(b, Table)]


def test_that_names_of_tables_and_figures_are_unique() -> None:
    report = made(
        gathered(
            recorded({label: {s: falling(4 + s) for s in SEEDS} for label in "ABC"}),
            recorded(
                {label: {s: falling(4 + s, 9) for s in SEEDS} for label in "ABC"},
                data="five-points",
            ),
        )
    )
    blocks = [b for s in report.sections for b in s.blocks]
    names = [b.name for b in blocks if isinstance(b, Table | Picture)]
    assert len(names) == len(set(names))
    assert {"scores", "problem-times"} <= set(names)
    assert "at least 5 problems" in told(report)


def test_that_optimizers_are_ranked_from_five_problems_on() -> None:
    curves = {
        label: {s: falling(4 + place + s / 10) for s in SEEDS}
        for place, label in enumerate("ABC")
    }
    runs = [
        recorded(
            {
                label: {seed: values[:rows] for seed, values in own.items()}
                for label, own in curves.items()
            }
        )
        for rows in (3, 4, 5, 6, 7)
    ]
    report = made(gathered(*runs))
    pictures = [b for s in report.sections for b in s.blocks if isinstance(b, Picture)]
    (ranks,) = [p for p in pictures if p.name == "ranks-figure"]
    assert ranks.alt == "A: 1.00; B: 2.00; C: 3.00"
    svg = inline_svg(ranks.write, ranks.name)
    for text in ("A (1.00)", "B (2.00)", "C (3.00)"):
        assert text in svg
    first = [row[0] for row in table(report, "problem-times").rows]
    assert first == [f"linear-regression ({n})" for n in range(1, 6)]


def test_that_a_baseline_can_be_chosen_and_must_be_there(
    runs: Path, tmp_path: Path
) -> None:
    evidence = gather([runs], load_catalog())
    path = tmp_path / "report.md"
    write_report(evidence, path, baseline="SGD")
    assert "| Momentum | SGD |" in path.read_text("utf-8")
    with pytest.raises(InputError, match="Momentum"):
        write_report(evidence, tmp_path / "other.md", baseline="Momentun")
    assert [p.name for p in tmp_path.iterdir()] == ["report.md"]


def test_that_nothing_is_overwritten_and_a_break_leaves_nothing(
    runs: Path, tmp_path: Path
) -> None:
    evidence = gather([runs], load_catalog())
    path = tmp_path / "report.html"

    def give_up(_what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(evidence, path, advance=give_up)
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="nothing is overwritten"):
        write_report(evidence, path)
    assert path.read_text("utf-8") == "mine"
    write_report(evidence, path, overwrite=True)
    assert "<!DOCTYPE html>" in path.read_text("utf-8")
    with pytest.raises(InputError, match=r"\.html, \.md, \.tex"):
        write_report(evidence, tmp_path / "report.docx")


def test_that_it_speaks_chinese(runs: Path) -> None:
    set_language("zh")
    page = html_text(made(gather([runs], load_catalog())))
    assert '<html lang="zh">' in page
    assert "公平性证书" in page
    assert "Fairness" not in page


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_that_every_word_stands_out_in_light_and_dark_and_on_paper() -> None:
    folder = ROOT / "optlab" / "export" / "report" / "templates"
    css = (folder / "report.css").read_text(encoding="utf-8")
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    palettes = re.findall(r":root \{([^}]*)\}", css)
    assert len(palettes) == 3
    for palette in palettes:
        colors = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", palette))
        for name in ("ink", "quiet", "link", "good", "warning", "bad"):
            for ground in ("paper", "tint"):
                assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)


def test_that_a_study_that_is_still_tuned_gets_a_report_without_empty_sections(
    tmp_path: Path,
) -> None:
    part = '[tuning]\ntrials = 2\n[part]\nstudy = "s"\npart = "tuning"\n[comparison]'
    text = EXPERIMENT.format(extra="").replace("[comparison]", part)
    text = text.replace("seeds = [0, 1, 2, 3, 4, 5]", "seeds = [7]")
    catalog = load_catalog()
    spec = spec_from_text(text, catalog, name="here")
    for _ in Runner(spec, catalog, folder=tmp_path / "run", device="cpu").run():
        pass
    report = made(gather([tmp_path], catalog))
    names = [section.name for section in report.sections]
    assert names == [
        "answer",
        "tuning",
        "certificate",
        "experiment",
        "versions",
        "repeating",
    ]
    assert "still being tuned" in report.lead
    assert any("the comparison has not begun" in text for text in answers(report))
    assert {row[0] for row in table(report, "tuning-0").rows} == {"SGD", "Momentum"}
    assert html_text(report).count("<figure") == 1


@pytest.fixture(scope="module")
def tuned_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a study of two optimizers, one of which has two searched values."""
    folder = tmp_path_factory.mktemp("study")
    text = EXPERIMENT.format(extra="").replace("= [0, 1, 2, 3, 4, 5]", "= [0, 1]")
    text = text.replace("[comparison]", "[tuning]\ntrials = 2\n[comparison]")
    text += (
        "weight_decay = 0.001\nspace = {lr = [0.001, 0.1], momentum = [0.0, 0.99]}\n"
    )
    catalog = load_catalog()
    spec = spec_from_text(text, catalog, name="here")
    for _ in Study(spec, catalog, folder, executor=Here()).run():
        pass
    return made(gather([folder], catalog))


def test_that_a_study_can_be_repeated_from_its_report(tuned_report: Report) -> None:
    starts = table(tuned_report, "starts-0").rows
    plain = [[cell.replace("\u00a0", " ") for cell in row] for row in starts]
    assert plain[0][:2] == ["SGD", "SGD, lr 0.03"]
    assert plain[1] == [
        "Momentum",
        "SGD, lr 0.01, momentum 0.9, weight_decay 0.001",
        "lr 0.001 to 0.1; momentum 0 to 0.99",
    ]
    code = [b for s in tuned_report.sections for b in s.blocks if isinstance(b, Code)]
    assert "settings that tuning chose" in code[0].caption


def test_that_dots_of_several_searched_values_are_explained(
    tuned_report: Report,
) -> None:
    captions = [
        b.caption
        for s in tuned_report.sections
        for b in s.blocks
        if isinstance(b, Picture) and b.name == "tuning-figure-0"
    ]
    assert "dots of Momentum are not joined: besides lr" in captions[0]
    assert "momentum" in captions[0]
    assert "Bands are 95 %" in captions[0]


def test_that_many_bands_do_not_turn_grey(tmp_path: Path) -> None:
    def tuned_one(label: str) -> Tuning:
        best = tuple(BestOf(k=k, value=1 / k, low=0.5 / k, high=2 / k) for k in (1, 2))
        return Tuning(
            label=label,
            metric="val_loss",
            parameters=("lr",),
            points=(),
            share=1.0,
            finalists=(),
            best=None,
            winner=(),
            cost=math.inf,
            value=math.nan,
            default=0,
            width=None,
            edges=(),
            best_of=best,
            trials=2,
            steps=2,
            planned=2,
            done=True,
        )

    bands = []
    for labels in ("ABCD", "ABCDE"):
        path = tmp_path / f"{labels}.svg"
        found = [tuned_one(label) for label in labels]
        write_tuning(found, tuple(labels), path, metric="Loss")
        bands.append(path.read_text("utf-8").count('id="FillBetweenPoly'))
    assert bands == [4, 0]


def test_that_files_of_different_versions_get_a_remark() -> None:
    runs = [
        recorded({label: {s: falling(4 + s) for s in seeds} for label in "AB"})
        for seeds in ((0, 1), (2, 3))
    ]
    assert "same versions" not in told(made(gathered(*runs)))
    runs[1].versions = {"optlab": "another"}
    assert "same versions (optlab)" in told(made(gathered(*runs)))
