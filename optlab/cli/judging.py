"""What ``optlab compare`` says below its tables: how sure one can be."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optlab.cli.output import number, say, say_table
from optlab.registry import Catalog
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.analysis.evidence import Evidence, Findings
    from optlab.analysis.verdict import Judgement, Verdict

# Refusals of more comparisons than this are told in one line.
_MOST_REFUSALS: Final = 5
_RIGHT: Final = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person wants to be judged.

    Attributes:
        baseline: Label of the optimizer that all others are held against; empty for
            what the experiment declares.
        all_pairs: Whether every optimizer is held against every other.
    """

    baseline: str = ""
    all_pairs: bool = False


def judged(paths: Sequence[Path], catalog: Catalog, asked: Asked) -> dict[str, Any]:
    """Return everything that is judged of run files, as it goes into JSON.

    Raises:
        InputError: A file cannot be read.
    """
    from optlab.analysis.certificate import across
    from optlab.analysis.evidence import gather

    evidence = _asked(gather(paths, catalog), asked)
    return {
        "problems": [_judged(findings) for findings in evidence.findings],
        "across": [reason.text for reason in across(evidence)],
    }


def say_judged(told: dict[str, Any]) -> None:
    """Print what `judged` found."""
    for problem in told["problems"]:
        if problem["verdicts"]:
            _say_problem(problem)
    # One optimizer on several problems: the reason why nothing is judged, once.
    alone = [p["notes"] for p in told["problems"] if not p["verdicts"]]
    for text in dict.fromkeys(note for notes in alone for note in notes):
        say(text)
    for text in told["across"]:
        say(text)


def _asked(evidence: "Evidence", asked: Asked) -> "Evidence":
    return replace(
        evidence, findings=tuple(_changed(f, asked) for f in evidence.findings)
    )


def _changed(findings: "Findings", asked: Asked) -> "Findings":
    comparison = findings.spec.comparison
    comparison = replace(
        comparison,
        baseline=asked.baseline or comparison.baseline,
        all_pairs=asked.all_pairs or comparison.all_pairs,
    )
    return replace(findings, spec=replace(findings.spec, comparison=comparison))


def _judged(findings: "Findings") -> dict[str, Any]:
    from optlab.analysis.certificate import certify
    from optlab.analysis.verdict import judge, summaries

    certificate = certify(findings)
    judgement = judge(findings, certificate=certificate)
    return {
        "problem": findings.problem,
        "metric": findings.metric,
        "labels": list(findings.labels),
        "baseline": findings.baseline,
        "certificate": certificate.level,
        "reasons": list(certificate.reasons),
        "optimizers": [
            {"label": label} | asdict(summary) for label, summary in summaries(findings)
        ],
        "verdicts": [
            asdict(verdict) | {"told": verdict.told, "sentence": verdict.sentence}
            for verdict in judgement.verdicts
        ],
        "notes": [*judgement.notes, *findings.faults],
        "lines": _lines(judgement),
    }


def _lines(judgement: "Judgement") -> list[str]:
    """Return the verdicts in sentences; many refusals for one reason in one."""
    from optlab.analysis.verdict_words import listed

    refused = [v for v in judgement.verdicts if _is_refused(v)]
    same = len({v.missing for v in refused}) == 1
    if len(refused) <= _MOST_REFUSALS or not same:
        return [verdict.sentence for verdict in judgement.verdicts]
    said = [v.sentence for v in judgement.verdicts if not _is_refused(v)]
    text = tr(
        "No verdict on {n} comparisons; for one there is missing: {what}.",
        n=len(refused),
        what=listed(refused[0].missing),
    )
    return [*said, text]


def _is_refused(verdict: "Verdict") -> bool:
    return verdict.better is None and bool(verdict.missing)


def _say_problem(told: dict[str, Any]) -> None:
    say()
    text = "Verdict on {problem}, by {metric} ({n} optimizers, baseline {baseline})"
    say(
        tr(
            text,
            problem=told["problem"],
            metric=told["metric"],
            n=len(told["labels"]),
            baseline=told["baseline"],
        )
    )
    if any(row["n"] > 1 for row in told["optimizers"]):
        _say_optimizers(told["optimizers"])
    for line in (*told["lines"], *told["notes"]):
        say(line)
    if told["certificate"] == "red":
        say(tr("Not comparable: {reasons}", reasons=" ".join(told["reasons"])))


def _say_optimizers(rows: Sequence[dict[str, Any]]) -> None:
    headers = (
        tr("label"),
        tr("seeds"),
        tr("lasted"),
        tr("median"),
        tr("quartiles"),
        tr("mean"),
        tr("95 % interval"),
    )
    cells = []
    for row in rows:
        mean = number(row["mean"]) if row["mean"] is not None else tr("none")
        ends = row["interval"]
        cells.append(
            (
                row["label"],
                str(row["n"]),
                str(row["lasted"]),
                _shown(row["median"]),
                ", ".join(map(_shown, row["quartiles"])),
                mean,
                "" if ends is None else ", ".join(map(number, ends)),
            )
        )
    say_table(headers, cells, right=_RIGHT)


def _shown(value: float) -> str:
    return number(value) if math.isfinite(value) else "∞" if value > 0 else "-∞"
