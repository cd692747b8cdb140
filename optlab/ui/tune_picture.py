"""What the page of a study shows, as plain data: basins, chances, winners, verdicts.

Frozen and free of Qt, so that a thread can make it and hand it to the window.
"""

from dataclasses import dataclass
from pathlib import Path

from optlab.params import ParamValue


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One tuning trial.

    Attributes:
        value: The value of the parameter that is drawn along x.
        result: What it came to; NaN where it did not last.
        share: Share of all steps after which it came to that, in (0, 1].
    """

    value: float
    result: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Basin:
    """The tuning trials of one optimizer, over its learning rate.

    Attributes:
        label: Its label.
        entry: Its index in the experiment, which gives its colour.
        parameter: What is drawn along x, in words.
        spots: Its trials by value, all of them after the same share of the steps.
        finals: Those of them that came to the end, where that share is less than 1.
        default: The default of the parameter; None where it has none.
        best: The value of the best trial; None where nothing lasted.
        width: Decades of values that are as good as the best; None where unknown.
    """

    label: str
    entry: int
    parameter: str
    spots: tuple[Spot, ...]
    finals: tuple[Spot, ...] = ()
    default: float | None = None
    best: float | None = None
    width: float | None = None


@dataclass(frozen=True, kw_only=True)
class Chances:
    """What the best of so many tuning trials of one optimizer comes to.

    Attributes:
        label: Its label.
        entry: Its index in the experiment.
        expected: Expected best of 1, 2, … trials; infinite where all of them might
            not last.
        low: Lower end of the band around it.
        high: Upper end.
    """

    label: str
    entry: int
    expected: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One optimizer in the table.

    Attributes:
        label: Its label.
        entry: Its index in the experiment.
        winner: The values that were picked, by parameter; empty before that.
        tuned: What the best tuning trial came to; None where nothing lasted yet.
        width: Decades of values that are as good as the best; None where unknown.
        trials: Tuning trials that have begun.
        lost: How many of them did not last.
        note: What to know of the search, such as a best value on the border.
        final: Median over the final seeds; None where there is none yet.
        low: First quartile over the final seeds.
        high: Third quartile over the final seeds.
        seeds: Final trials that are over.
        lost_seeds: How many of them did not last.
    """

    label: str
    entry: int
    winner: tuple[tuple[str, ParamValue], ...] = ()
    tuned: float | None = None
    width: float | None = None
    trials: int = 0
    lost: int = 0
    note: str = ""
    final: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int = 0
    lost_seeds: int = 0


@dataclass(frozen=True, kw_only=True)
class ProblemPicture:
    """All of one problem.

    Attributes:
        problem: The problem in a few words.
        tuned_by: The metric by which settings are picked, as code knows it.
        metric: The metric by which optimizers are judged.
        higher_is_better: Whether more of what one tunes by is better.
        basins: The tuning trials of every optimizer.
        chances: Their expected best of so many trials.
        rows: The table.
        verdicts: Sentences about every comparison, from the final seeds.
        certificate: ``green``, ``amber`` or ``red``; empty before there is one.
        fairness: The certificate in words.
        doubts: Why it is not green, and what else looks wrong.
        run: The run file of the final trials; None before there is one.
    """

    problem: str
    tuned_by: str
    metric: str
    higher_is_better: bool
    basins: tuple[Basin, ...] = ()
    chances: tuple[Chances, ...] = ()
    rows: tuple[Row, ...] = ()
    verdicts: tuple[str, ...] = ()
    certificate: str = ""
    fairness: str = ""
    doubts: tuple[str, ...] = ()
    run: Path | None = None


@dataclass(frozen=True, kw_only=True)
class StudyPicture:
    """All that a study has brought so far.

    Attributes:
        title: Of its experiment.
        problems: Problem by problem.
    """

    title: str
    problems: tuple[ProblemPicture, ...] = ()
