"""What a thumbnail of an experiment shows: lines read off a real run, and their file.

A sketch is small and knows nothing of Qt: it is made in the background, kept in a cache
as JSON and painted by `ThumbnailView`.
"""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from optlab import __version__
from optlab.export.smoothing import smooth
from optlab.params import InputError
from optlab.records import Floats
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.ui.files import write_text

Kind = Literal["ways", "curves"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

FORMAT: Final = 1
_POINTS: Final = 140
_CROWD: Final = 24
_CROWD_POINTS: Final = 30
_DIGITS: Final = 4
# Beyond this a point is out of every picture; larger ones would upset the painter.
_FAR: Final = 1e6


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A ready experiment and how its thumbnail is drawn.

    Attributes:
        preset: Its name.
        metric: What is drawn against the steps; ``surface`` for the ways over it.
        log: Whether the metric is drawn on a logarithmic scale.
        smoothing: Weight of the past in what is drawn.
        limits: Range of the metric that is drawn, where some trials leave it.
        window: Part of the surface that is shown, in both coordinates; None for all.
        steps: Steps of the short run; None for as many as the experiment has.
        every: Steps from one evaluation to the next; None for those it has.
        seeds: How many of its seeds take part; None for all.
    """

    preset: str
    metric: str
    log: bool = False
    smoothing: float = 0.0
    limits: tuple[float, float] | None = None
    window: tuple[tuple[float, float], tuple[float, float]] | None = None
    steps: int | None = None
    every: int | None = None
    seeds: int | None = None


@dataclass(frozen=True)
class Stroke:
    """One line: which hue, and its points.

    On a surface the points are coordinates; a curve has the share of the run that is
    done as x, and the metric, or its logarithm, as y.
    """

    hue: int
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Sketch:
    """The lines of a thumbnail."""

    kind: Kind
    strokes: tuple[Stroke, ...]


def short_spec(sample: Sample, catalog: Catalog) -> ExperimentSpec:
    """Return the experiment of a sample, as short as its thumbnail needs it.

    Raises:
        InputError: There is no such preset.
    """
    preset = catalog.presets.get(sample.preset)
    spec = spec_from_text(preset.text, catalog, name=preset.name)
    training = spec.training
    if sample.steps is not None:
        training = replace(training, steps=sample.steps, epochs=None)
    if sample.every is not None:
        training = replace(training, eval_every=sample.every)
    if sample.seeds is not None:
        training = replace(training, seeds=training.seeds[: sample.seeds])
    return replace(spec, training=training)


def sketch_of(sample: Sample, data: RunData) -> Sketch:
    """Return what there is to see of a run so far; safe while it grows.

    Raises:
        InputError: The run cannot be read.
    """
    trials = data.trials
    points = _CROWD_POINTS if len(trials) > _CROWD else _POINTS
    ways = sample.metric == "surface"
    ends: list[tuple[float, float]] = []
    strokes = []
    for trial in trials:
        if ways:
            x = data.series(trial.trial, "x0").values
            y = data.series(trial.trial, "x1").values
            stroke = _thinned(trial.entry, x, y[: len(x)], points=points)
            if len(trials) > _CROWD and len(stroke.x):
                end = (float(stroke.x[-1]), float(stroke.y[-1]))
                stroke = replace(stroke, hue=_place_of(end, ends))
        else:
            series = data.series(trial.trial, sample.metric)
            stroke = _curve(sample, series, trial.entry, steps=trial.steps)
        if len(stroke.x):
            strokes.append(stroke)
    return Sketch("ways" if ways else "curves", tuple(strokes))


def _curve(sample: Sample, series: Series, entry: int, *, steps: int) -> Stroke:
    at, values = series.arrays()
    if sample.smoothing:
        values = smooth(values, sample.smoothing, log=sample.log)
    if sample.limits is not None:
        low, high = sample.limits
        values = np.where((values >= low) & (values <= high), values, np.nan)
    if sample.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(np.where(values > 0, values, np.nan))
    return _thinned(entry, at / max(steps, 1), values, points=_POINTS)


def _thinned(hue: int, x: Floats, y: Floats, *, points: int) -> Stroke:
    """Return a line of few points: more of them where it begins, and its end."""
    count = min(len(x), len(y))
    kept: npt.NDArray[np.int64] = np.arange(count)
    if count > points:
        shares = np.linspace(0.0, 1.0, points) ** 1.5
        kept = np.unique(np.rint(shares * (count - 1)).astype(np.int64))
    x, y = x[kept], y[kept]
    good = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < _FAR) & (np.abs(y) < _FAR)
    return Stroke(hue, x[good], y[good])


def _place_of(end: tuple[float, float], ends: list[tuple[float, float]]) -> int:
    """Return the number of the place where a way ends, a new one if it is new."""
    for number, (x, y) in enumerate(ends):
        if abs(x - end[0]) + abs(y - end[1]) < 0.1:
            return number
    ends.append(end)
    return len(ends) - 1


class SketchCache:
    """Sketches in a folder, named after the experiment and the version of OptLab."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder = folder
        self._catalog = catalog

    def load(self, sample: Sample) -> Sketch | None:
        """Return the sketch of a sample; None if none is kept that can be used."""
        try:
            return _from_text(self._path(sample).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, sample: Sample, sketch: Sketch) -> None:
        """Keep a sketch; one that cannot be kept is made again next time."""
        path = self._path(sample)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, _to_text(sketch))
        except (OSError, InputError):
            return

    def _path(self, sample: Sample) -> Path:
        text = self._catalog.presets.get(sample.preset).text
        key = "\n".join((str(FORMAT), __version__, repr(sample), text))
        name = sha256(key.encode()).hexdigest()[:24]
        return self._folder / f"{sample.preset}-{name}.json"


def _to_text(sketch: Sketch) -> str:
    strokes = [
        {"hue": s.hue, "x": _numbers(s.x), "y": _numbers(s.y)} for s in sketch.strokes
    ]
    return json.dumps({"kind": sketch.kind, "strokes": strokes})


def _numbers(values: Floats) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]


def _from_text(text: str) -> Sketch:
    known = json.loads(text)
    if known["kind"] not in KINDS:
        raise ValueError(known["kind"])
    strokes = []
    for stroke in known["strokes"]:
        x = np.array(stroke["x"], dtype=np.float64)
        y = np.array(stroke["y"], dtype=np.float64)
        if x.ndim != 1 or x.shape != y.shape or not np.isfinite(x + y).all():
            raise ValueError("points")
        strokes.append(Stroke(int(stroke["hue"]), x, y))
    return Sketch(known["kind"], tuple(strokes))
