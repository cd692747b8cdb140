"""Figures show what was recorded, and say which curve is which."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from optlab.export.axis_format import log_tick_text, tick_text
from optlab.export.curves import curves_of
from optlab.export.exporter import export
from optlab.export.figures import origin_of, write_figure
from optlab.export.palette import MUTED, series_color, series_dash
from optlab.export.panel import SymlogLocator
from optlab.export.smoothing import smooth
from optlab.export.style import FigureStyle
from optlab.export.surface_figure import band_edges, trajectory, write_surface
from optlab.params import InputError
from optlab.problems.base import Surface
from optlab.records import Columns, Evaluation, Floats, Record, State
from optlab.store.run_data import RunData
from tests.core.analysis import fair_runs
from tests.core.store.synthetic import rows, start, stop, whole_run

LABELS = ("SGD", "SGD + momentum", "Adam, 中文 <$x$> & co", "RMSprop")


def live(records: Iterable[Record]) -> RunData:
    data = RunData()
    for record in records:
        data.append(record)
    return data


@pytest.fixture(scope="module")
def run() -> RunData:
    return live(whole_run(LABELS, steps=300, diverged={1: 120}))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Catch the figures that are saved."""
    caught: list[Figure] = []
    save = Figure.savefig

    def catch(figure: Figure, *args: Any, **rest: Any) -> None:
        caught.append(figure)
        save(figure, *args, **rest)

    monkeypatch.setattr(Figure, "savefig", catch)
    return caught


def svg_texts(path: Path) -> list[str]:
    root = ET.parse(path).getroot()
    return ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text")]


def test_that_an_svg_holds_its_labels_as_text(run: RunData, tmp_path: Path) -> None:
    path = tmp_path / "curves.svg"
    export(run, path)
    texts = svg_texts(path)
    assert {"SGD", "SGD + momentum ×", "Adam, 中文 <$x$> & co", "RMSprop"} <= set(texts)
    titles = {"Training loss", "Validation loss", "Validation accuracy"}
    titles |= {"Parameter norm", "Gradient norm", "Update norm", "A test", "Steps"}
    assert titles <= set(texts)
    assert "× diverged" in texts
    ids = re.findall(r'id="(curve|diverged)-(\d)"', path.read_text("utf-8"))
    assert ids.count(("diverged", "1")) == 6
    assert ("diverged", "0") not in ids
    assert ids.count(("curve", "3")) == 6


def test_that_a_pdf_holds_its_labels_as_text(tmp_path: Path) -> None:
    data = live(whole_run(("Adagrad", "RMSprop"), steps=50))
    path = tmp_path / "curves.pdf"
    write_figure(data, path, FigureStyle(metrics=("train_loss",)))
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/FontFile2" in content
    if shutil.which("pdftotext"):
        shown = subprocess.run(
            ["pdftotext", str(path), "-"], capture_output=True, check=True
        ).stdout.decode()
        assert {"Adagrad", "RMSprop", "Training loss"} <= set(shown.splitlines())


def test_that_a_png_shows_every_curve_in_its_colour(
    run: RunData, tmp_path: Path
) -> None:
    path = tmp_path / "curves.png"
    style = FigureStyle(metrics=("param_norm",), size_cm=(12, 8), dpi=100)
    write_figure(run, path, style)
    pixels = imread(path)[:, :, :3]
    assert pixels.shape[:2] == (314, 472)
    for entry in range(4):
        code = series_color(entry)
        color = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        assert (np.abs(pixels - color).max(axis=2) < 0.02).sum() > 30


@pytest.mark.filterwarnings("ignore:Glyph .* missing")  # where no font has Chinese
def test_that_labels_at_the_ends_never_overlap(
    run: RunData, drawn: list[Figure], tmp_path: Path
) -> None:
    write_figure(run, tmp_path / "curves.png")
    figure = drawn[0]
    assert not figure.legends
    figure.draw_without_rendering()
    panels = [axes for axes in figure.axes if axes.texts]
    assert len(panels) == 6
    for axes in panels:
        boxes = [text.get_window_extent() for text in axes.texts]
        boxes.sort(key=lambda box: box.y0)
        assert len(boxes) == 4
        for below, above in pairwise(boxes):
            assert below.y1 <= above.y0 + 0.5
        for box in boxes:
            assert box.x0 >= axes.get_window_extent().x1
            assert box.x1 <= figure.bbox.x1


def test_that_more_than_eight_curves_get_a_legend(
    drawn: list[Figure], tmp_path: Path
) -> None:
    labels = [f"Optimizer {i}" for i in range(9)]
    write_figure(live(whole_run(labels, steps=20)), tmp_path / "a.png")
    write_figure(live(whole_run(labels[:8], steps=20)), tmp_path / "b.png")
    assert [len(figure.legends) for figure in drawn] == [1, 0]
    shown = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert shown == labels


def test_that_drawing_leaves_no_setting_behind(run: RunData, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    write_figure(run, tmp_path / "curves.svg")
    assert dict(mpl.rcParams) == before


def test_that_exporting_needs_no_pyplot_torch_or_qt(tmp_path: Path) -> None:
    code = (
        "import sys; import optlab.export.surface_figure, optlab.export.exporter\n"
        "bad = {'matplotlib.pyplot', 'torch', 'PySide6', 'pyqtgraph', 'scipy'}\n"
        "print(sorted(bad & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


def test_that_a_figure_is_the_same_every_time(run: RunData, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        write_figure(run, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_that_a_curve_holds_every_value_of_a_short_series(run: RunData) -> None:
    style = FigureStyle(smoothing=0.0)
    for curve in curves_of(run, "param_norm", style=style):
        steps, values = run.series(curve.entry, "param_norm").arrays()
        assert curve.line[0].tolist() == steps.tolist()
        finite = np.isfinite(values)
        assert (curve.line[1][finite] == values[finite]).all()


def test_that_a_diverged_trial_ends_in_a_cross_at_its_last_finite_step(
    run: RunData,
) -> None:
    curve = curves_of(run, "train_loss", style=FigureStyle())[1]
    steps, values = run.series(1, "train_loss").arrays()
    assert np.isinf(values[120])
    assert curve.crosses == ((119.0, values[119]),)
    assert steps[-1] == 120


@pytest.mark.parametrize(
    ("x", "metric"),
    [("epoch", "epoch"), ("seconds", "wall_time_s"), ("samples", "samples")],
)
def test_that_the_x_axis_counts_what_is_asked(
    run: RunData, x: str, metric: str
) -> None:
    style = FigureStyle(x=x, smoothing=0.0)
    curve = curves_of(run, "val_loss", style=style)[0]
    steps = run.series(0, "val_loss").arrays()[0]
    assert curve.line[0].tolist() == run.series(0, metric).values[steps].tolist()


def test_that_hidden_optimizers_are_left_out(run: RunData, tmp_path: Path) -> None:
    style = FigureStyle(metrics=("train_loss",), hidden=frozenset({0, 2}))
    assert [c.entry for c in curves_of(run, "train_loss", style=style)] == [1, 3]
    write_figure(run, tmp_path / "c.svg", style)
    texts = svg_texts(tmp_path / "c.svg")
    assert "RMSprop" in texts
    assert "SGD" not in texts


def test_that_seeds_become_a_median_with_quartiles() -> None:
    data = live(whole_run(("SGD",), seeds=(0, 1, 2), steps=40))
    curve = curves_of(data, "param_norm", style=FigureStyle(smoothing=0.0))[0]
    table = np.array([data.series(t, "param_norm").values for t in range(3)])
    assert curve.line[1].tolist() == np.median(table, axis=0).tolist()
    assert curve.band is not None
    assert np.allclose(curve.band[1], np.quantile(table, 0.25, axis=0))
    assert np.allclose(curve.band[2], np.quantile(table, 0.75, axis=0))
    assert len(curve.faint) == 3


def test_that_a_diverged_seed_does_not_disappear_from_the_median() -> None:
    data = live(whole_run(("SGD",), seeds=(0, 1, 2), steps=40, diverged={2: 10}))
    curve = curves_of(data, "train_loss", style=FigureStyle(smoothing=0.0))[0]
    table = np.array([data.series(t, "train_loss").values[20] for t in range(2)])
    # Of three seeds the one that diverged is the worst: the middle is the worse of two.
    assert curve.line[1][curve.line[0] == 20][0] == table.max()
    assert len(curve.crosses) == 1


def test_that_half_of_the_seeds_diverging_takes_the_median_away() -> None:
    data = live(whole_run(("SGD",), seeds=(0, 1), steps=40, diverged={0: 10}))
    curve = curves_of(data, "train_loss", style=FigureStyle(smoothing=0.0))[0]
    assert not np.isfinite(curve.line[1][curve.line[0] > 10]).any()


def test_that_batches_are_smoothed_and_surfaces_are_not() -> None:
    data = live(whole_run(("SGD",), steps=200))
    curve = curves_of(data, "train_loss", style=FigureStyle())[0]
    raw = data.series(0, "train_loss").values
    assert np.array_equal(curve.faint[0][1], raw, equal_nan=True)
    smoothed = smooth(raw, 0.9, log=True)
    assert np.array_equal(curve.line[1], smoothed, equal_nan=True)
    assert curves_of(data, "param_norm", style=FigureStyle())[0].faint == ()


def test_that_a_long_series_is_thinned_and_keeps_its_extremes() -> None:
    data = live([start(("SGD",), steps=200_000), rows(0, 0, 200_001)])
    values = data.series(0, "param_norm").values.copy()
    for style in (FigureStyle(), FigureStyle(log_x=True)):
        curve = curves_of(data, "param_norm", style=style)[0]
        assert len(curve.line[0]) < 8000
        assert (np.diff(curve.line[0]) > 0).all()
        assert curve.line[1].min() == values.min()
        assert curve.line[1].max() == values.max()


def test_that_ticks_read_as_people_write_numbers() -> None:
    found = [tick_text(v) for v in (0.0, 1.5, -0.25, 20000, 3e-7, 1e-9, 1e8)]
    thin, minus = "\u2009", "\u2212"
    expected = ["0", "1.5", f"{minus}0.25", f"20{thin}000", "3·10⁻⁷", "10⁻⁹", "10⁸"]
    assert found == expected
    found = [log_tick_text(v) for v in (1e-12, 0.001, 1.0, 2e-5, 1e5)]
    assert found == ["10⁻¹²", "0.001", "1", "2·10⁻⁵", "10⁵"]


def test_that_any_18_optimizers_differ_in_colour_or_dash() -> None:
    looks = {(series_color(i), series_dash(i)) for i in range(18)}
    assert len(looks) == 18


def rosenbrock(x: Floats) -> Floats:
    value: Floats = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    return value


ROSENBROCK = Surface(
    dim=2,
    value=rosenbrock,
    gradient=lambda x: x,
    start=(-1.2, 1.0),
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    minima=((1.0, 1.0),),
    minimum=0.0,
)


def surface_run(*, spec_text: str = "") -> RunData:
    metrics = ("grad_evals", "train_loss", "value", "x0", "x1")
    data = RunData(spec_text=spec_text)
    data.append(start(("SGD", "Wild"), steps=100, metrics=metrics, sparse=()))
    t = np.arange(101) / 100
    for trial, growth in enumerate((0.0, 900.0)):
        x0 = -1.2 + 2.2 * t
        with np.errstate(over="ignore"):
            x1 = x0**2 * np.exp(growth * t)
        values = {"grad_evals": t * 100, "train_loss": t, "value": t}
        data.append(Columns(trial=trial, first=0, values=values | {"x0": x0, "x1": x1}))
    data.append(stop(1, 100, State.DIVERGED))
    return data


def test_that_a_surface_shows_bands_minima_and_trajectories(
    drawn: list[Figure], tmp_path: Path
) -> None:
    path = tmp_path / "surface.svg"
    write_surface(surface_run(), path, surface=ROSENBROCK)
    content = path.read_text("utf-8")
    for found in ("trajectory-0", "trajectory-1", "diverged-1"):
        assert f'id="{found}"' in content
    assert "diverged-0" not in content
    assert {"SGD", "Wild ×", "A test"} <= set(svg_texts(path))
    axes = drawn[0].axes[0]
    line = next(line for line in axes.lines if line.get_gid() == "trajectory-0")
    data = surface_run()
    assert line.get_xdata().tolist() == data.series(0, "x0").values.tolist()  # type: ignore[union-attr]
    assert line.get_ydata().tolist() == data.series(0, "x1").values.tolist()  # type: ignore[union-attr]
    assert axes.get_xlim() == ROSENBROCK.domain[0]
    plus = [line for line in axes.lines if line.get_marker() == "P"]
    assert [float(line.get_xdata()[0]) for line in plus] == [1.0]  # type: ignore[index, arg-type]


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_that_a_surface_is_written_in_every_kind(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"surface{suffix}"
    export(surface_run(), path, what="surface", surface=ROSENBROCK)
    assert path.stat().st_size > 10_000


def test_that_bands_are_narrow_in_the_valley_and_cover_the_domain() -> None:
    edges = band_edges(ROSENBROCK)
    assert len(edges) == 15
    assert edges[0] == 0.0
    widths = np.diff(edges)
    assert (np.diff(widths) > 0).all()
    assert edges[-1] == pytest.approx(2509.0, rel=0.05)


def test_that_a_trajectory_drops_only_what_nobody_could_see() -> None:
    data = surface_run()
    x, y = trajectory(data, 1, ROSENBROCK)
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert y.max() <= 3 + 9 * 4
    metrics = ("x0", "x1")
    still = live([start(("A",), metrics=metrics, sparse=())])
    path = np.repeat(np.linspace(0, 1, 50), 1000)
    still.append(Columns(trial=0, first=0, values={"x0": path, "x1": path}))
    assert len(trajectory(still, 0, ROSENBROCK)[0]) <= 51


def test_that_the_surface_of_a_run_is_found_by_its_spec(tmp_path: Path) -> None:
    text = '[problem]\nname = "rosenbrock"\n'
    export(surface_run(spec_text=text), tmp_path / "s.png", what="surface")
    style = FigureStyle(metrics=("surface",))
    export(surface_run(spec_text=text), tmp_path / "t.png", style=style)
    assert (tmp_path / "s.png").read_bytes() == (tmp_path / "t.png").read_bytes()


def test_that_a_run_on_no_surface_cannot_be_drawn_as_one(
    run: RunData, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="only a run on a surface"):
        export(run, tmp_path / "s.png", what="surface")
    assert list(tmp_path.iterdir()) == []


def test_that_a_caption_and_a_legend_do_not_overlap(
    drawn: list[Figure], tmp_path: Path
) -> None:
    labels = [f"Optimizer {i}" for i in range(12)]
    write_figure(live(whole_run(labels, steps=20, diverged={1: 9})), tmp_path / "a.png")
    figure = drawn[0]
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_visible()]
    caption = [text for text in texts if text.get_text() == "× diverged"]
    assert len(caption) == 1
    assert caption[0].get_color() == MUTED
    box = caption[0].get_window_extent()
    names = [text for text in texts if text.get_text().startswith("Optimizer ")]
    assert len(names) == 12
    assert not any(box.overlaps(name.get_window_extent()) for name in names)


def test_that_ticks_lie_at_round_numbers(drawn: list[Figure], tmp_path: Path) -> None:
    write_figure(live(whole_run(steps=20)), tmp_path / "a.png")
    assert drawn[0].axes[0].get_xticks().tolist() == [0, 5, 10, 15, 20]


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_that_a_figure_says_what_it_was_made_of(
    run: RunData, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"curves.{suffix}"
    write_figure(run, path, FigureStyle(metrics=("param_norm",)))
    origin = origin_of(run)
    assert re.match(r"experiment [0-9a-f]{16}", origin)
    assert origin.encode() in path.read_bytes()


def test_that_each_seed_has_a_line_and_each_optimizer_a_label(
    drawn: list[Figure], tmp_path: Path
) -> None:
    data = live(whole_run(("Adam", "SGD"), steps=60, seeds=(0, 1, 2)))
    style = FigureStyle(metrics=("train_loss",), spread="trials", caption="My words")
    write_figure(data, tmp_path / "curves.png", style)
    axes = drawn[0].axes[0]
    strong = [line for line in axes.lines if str(line.get_gid()).startswith("curve-")]
    assert len(strong) == 6
    labels = [t for t in axes.texts if str(t.get_gid()).startswith("label-")]
    assert [t.get_text() for t in labels] == ["Adam", "SGD"]
    assert drawn[0].get_supxlabel() == "My words   3 seeds, one line each"


def test_that_one_seed_can_be_drawn_alone(tmp_path: Path) -> None:
    data = live(whole_run(("Adam",), steps=60, seeds=(0, 1, 2)))
    style = FigureStyle(metrics=("train_loss",), spread="seed", seed=1, smoothing=0.0)
    (curve,) = curves_of(data, "train_loss", style=style)
    trial = next(t.trial for t in data.trials if t.seed == 1)
    wanted = data.series(trial, "train_loss").values
    np.testing.assert_array_equal(curve.line[1], wanted)


def test_that_symmetric_log_ticks_have_both_signs_and_zero() -> None:
    ticks = SymlogLocator(0.01).tick_values(-100.0, 1000.0)
    assert 0.0 in ticks
    assert min(ticks) < 0 < max(ticks)
    assert len(ticks) <= 9
    sizes = np.log10(np.abs([t for t in ticks if t]))
    np.testing.assert_allclose(sizes, np.round(sizes), atol=1e-9)


def test_that_symmetric_log_axes_say_zero_and_negative_values(
    drawn: list[Figure], tmp_path: Path
) -> None:
    data = RunData()
    data.append(start(("SGD",), steps=50, metrics=("train_loss",), sparse=()))
    values = {"train_loss": np.linspace(-100.0, 1000.0, 51)}
    data.append(Columns(trial=0, first=0, values=values))
    style = FigureStyle(metrics=("train_loss",), y_scale="symlog", smoothing=0.0)
    write_figure(data, tmp_path / "curves.png", style)
    texts = [text.get_text() for text in drawn[0].axes[0].get_yticklabels()]
    assert all(texts)
    assert "0" in texts
    assert "\u2212100" in texts


def test_that_the_x_of_a_median_goes_on_where_the_first_seed_diverged() -> None:
    data = live(whole_run(("SGD",), seeds=(0, 1, 2, 3), steps=300, diverged={0: 120}))
    for x, metric in (("epoch", "epoch"), ("seconds", "wall_time_s")):
        style = FigureStyle(x=x, smoothing=0.0)
        (curve,) = curves_of(data, "param_norm", style=style)
        np.testing.assert_array_equal(curve.line[0], data.series(1, metric).values)
        assert curve.band is not None
        assert curve.band[0].max() == data.series(1, metric).last


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_that_a_band_opens_to_the_edge_where_seeds_are_gone(
    drawn: list[Figure], tmp_path: Path, scale: str
) -> None:
    data = live(whole_run(("SGD",), seeds=(0, 1, 2), steps=300, diverged={0: 120}))
    style = FigureStyle(metrics=("train_loss",), y_scale=scale)
    (curve,) = curves_of(data, "train_loss", style=style)
    assert curve.band is not None
    x, _, high = curve.band
    assert np.isinf(high[x > 120]).all()
    assert np.isfinite(high[(x > 0) & (x < 120)]).all()
    write_figure(data, tmp_path / "curves.png", style)
    axes = drawn[0].axes[0]
    corners = np.asarray(axes.collections[0].get_paths()[0].vertices)
    later = corners[corners[:, 0] > 130]
    assert later[:, 0].max() == 300
    assert later[:, 1].max() == axes.get_ylim()[1]


def test_that_a_seed_that_a_run_lacks_stands_for_the_first() -> None:
    data = live(whole_run(("Adam", "SGD"), steps=60, seeds=(3, 4)))
    style = FigureStyle(spread="seed", seed=9, smoothing=0.0)
    found = curves_of(data, "param_norm", style=style)
    firsts = [t.trial for t in data.trials if t.seed == 3]
    for curve, trial in zip(found, firsts, strict=True):
        wanted = data.series(trial, "param_norm").values
        np.testing.assert_array_equal(curve.line[1], wanted)


def test_that_few_values_are_drawn_once_on_a_logarithmic_axis() -> None:
    data = RunData()
    metrics = ("val_loss",)
    seeds = (0, 1, 2)
    data.append(
        start(("SGD",), seeds=seeds, steps=5000, metrics=metrics, sparse=metrics)
    )
    steps = np.arange(0, 5001, 1000)
    for trial in range(3):
        for step in steps:
            values = {"val_loss": 1.0 + trial + float(step)}
            data.append(Evaluation(trial=trial, step=int(step), values=values))
    style = FigureStyle(log_x=True, y_scale="linear")
    (curve,) = curves_of(data, "val_loss", style=style)
    np.testing.assert_array_equal(curve.line[0], steps)
    np.testing.assert_array_equal(curve.line[1], steps + 2.0)
    assert curve.band is not None
    np.testing.assert_array_equal(curve.band[1], steps + 1.5)
    np.testing.assert_array_equal(curve.band[2], steps + 2.5)


def test_that_a_figure_holds_the_certificate_and_shows_a_red_one(
    drawn: list[Figure], tmp_path: Path
) -> None:
    style = FigureStyle(metrics=("train_loss",))
    fair, unfair = fair_runs.run(), fair_runs.run(weights={("Adam", 3): "other"})
    for data, name in ((fair, "fair.png"), (unfair, "unfair.png")):
        write_figure(data, tmp_path / name, style)
    assert origin_of(fair).endswith("certificate amber: no-tuning")
    assert "certificate red: not-paired" in origin_of(unfair)
    first, second = (figure.get_supxlabel() for figure in drawn)
    assert "fair" not in first
    assert "not a fair comparison: Not paired" in second
