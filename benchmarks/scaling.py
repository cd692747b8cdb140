"""How cost grows: with the number of trials, and a frame with what it shows.

``python -m benchmarks.scaling`` measures both, prints them and draws
``docs/pictures/scaling.svg``: a step of a run should cost in proportion to its trials,
a frame the same whether its curves have a thousand points or ten million.
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from benchmarks.rows.drawing import ROWS, frames
from benchmarks.sides import recorded
from optlab.export.palette import HUES

PICTURE: Final = Path(__file__).parents[1] / "docs" / "pictures" / "scaling.svg"
REPEATS: Final = 3
RACE_STEPS: Final = 2_000
NET_STEPS: Final = 60
FRAMES: Final = 5
TRIALS: Final = (1, 2, 4, 8, 16, 32, 64)
NETS: Final = (1, 2, 3, 4, 6, 8)
POINTS: Final = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
CURVES: Final = (1, 2, 4, 8, 16, 32)
CURVES_SHOWN, POINTS_SHOWN = 16, 100_000


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One dependence.

    Attributes:
        title: What is measured.
        across: What it is measured against.
        sizes: Sizes, increasing.
        costs: Milliseconds at each size.
        constant: Whether it should not depend on the size; otherwise it should be
            linear in it.
    """

    title: str
    across: str
    sizes: Sequence[int]
    costs: Sequence[float]
    constant: bool = False

    def verdict(self) -> str:
        """Return how it grows, in words."""
        if self.constant:
            ratio = self.costs[-1] / self.costs[0]
            factor = self.sizes[-1] // self.sizes[0]
            return f"{factor:,} times the size costs {ratio:.2f} times as much"
        base, slope = self.line()
        return f"{base:.3g} ms + {slope:.3g} ms each"

    def line(self) -> tuple[float, float]:
        """Return constant and slope of the line through all, by relative distance."""
        sizes, costs = np.array(self.sizes, dtype=float), np.array(self.costs)
        terms = np.column_stack((np.ones_like(sizes), sizes)) / costs[:, np.newaxis]
        base, slope = np.linalg.lstsq(terms, np.ones_like(costs), rcond=None)[0]
        return float(base), float(slope)


def race(trials: int) -> Mapping[str, Any]:
    """Return a race of as many rates of Adam over Rosenbrock's valley."""
    rates = [0.001 * 1.07**k for k in range(trials)]
    return {
        "problem": {"name": "rosenbrock"},
        "training": {"steps": RACE_STEPS},
        "optimizers": [{"name": "Adam", "lr": rate} for rate in rates],
    }


def nets(trials: int) -> Mapping[str, Any]:
    """Return trainings of as many small nets, one for each rate of SGD."""
    rates = [0.001 * 1.3**k for k in range(trials)]
    problem = {
        "name": "image-classification",
        "model": "seed-cnn-relu",
        "dataset": "digits",
        "batch_size": 64,
    }
    return {
        "problem": problem,
        "training": {"steps": NET_STEPS},
        "optimizers": [{"name": "SGD", "lr": rate} for rate in rates],
    }


def per_step(experiment: Mapping[str, Any]) -> float:
    """Return the milliseconds of one step of all trials, recorded."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = recorded(experiment, Path(folder))
    return 1000.0 * seconds / int(experiment["training"]["steps"])


def per_frame(points: int, curves: int) -> float:
    """Return the milliseconds of one frame."""
    ahead = min(FRAMES, max(1, points // (2 * ROWS)))
    drawn = frames(points, ahead, curves=curves)
    return min(next(drawn) for _ in range(FRAMES))


def least(
    cost: Callable[[int], float], sizes: Sequence[int], repeats: int
) -> Sequence[float]:
    """Return the least cost at each size, of several rounds through all sizes."""
    rounds = [[cost(size) for size in sizes] for _ in range(repeats)]
    return [min(costs) for costs in zip(*rounds, strict=True)]


def measure(repeats: int) -> list[Panel]:
    """Measure everything."""
    per_step(nets(1))
    return [
        Panel(
            title="A step of all trials, Rosenbrock",
            across="trials",
            sizes=TRIALS,
            costs=least(lambda n: per_step(race(n)), TRIALS, repeats),
        ),
        Panel(
            title="A step of all trials, small nets",
            across="trials",
            sizes=NETS,
            costs=least(lambda n: per_step(nets(n)), NETS, repeats),
        ),
        Panel(
            title=f"A frame of {CURVES_SHOWN} curves",
            across="points in each curve",
            sizes=POINTS,
            costs=[per_frame(n, CURVES_SHOWN) for n in POINTS],
            constant=True,
        ),
        Panel(
            title=f"A frame of curves with {POINTS_SHOWN:,} points",
            across="curves",
            sizes=CURVES,
            costs=[per_frame(POINTS_SHOWN, n) for n in CURVES],
        ),
    ]


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Draw all panels into an SVG."""
    figure = Figure(figsize=(9.0, 6.4), layout="constrained")
    FigureCanvasSVG(figure)
    for panel, axes in zip(panels, figure.subplots(2, 2).ravel(), strict=True):
        axes.set_title(panel.title, fontsize=10, loc="left")
        axes.plot(panel.sizes, panel.costs, "o", color=HUES[0])
        if panel.constant:
            axes.set_xscale("log")
            axes.axhline(panel.costs[0], color=HUES[1], linewidth=1)
        else:
            base, slope = panel.line()
            ends = np.array([0, panel.sizes[-1]])
            axes.plot(ends, base + slope * ends, color=HUES[1], linewidth=1)
            axes.set_xlim(left=0)
        axes.set_ylim(0, 1.15 * max(panel.costs))
        axes.set_xlabel(panel.across)
        axes.set_ylabel("ms")
        axes.text(0.03, 0.93, panel.verdict(), transform=axes.transAxes, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--into", type=Path, default=PICTURE)
    found = parser.parse_args(argv)
    panels = measure(found.repeats)
    for panel in panels:
        print(f"{panel.title}: {panel.verdict()}")
        for size, cost in zip(panel.sizes, panel.costs, strict=True):
            print(f"    {size:>12,} {panel.across:<22} {cost:9.3f} ms")
    draw(panels, found.into)


if __name__ == "__main__":
    main()
