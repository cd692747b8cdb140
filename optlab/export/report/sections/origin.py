"""Where the numbers come from: experiment, versions, run files, how to repeat it."""

import os
import tomllib
from collections.abc import Collection, Container, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from optlab.analysis.evidence import SUFFIX
from optlab.export.report.document import (
    Block,
    Code,
    Column,
    Facts,
    Paragraph,
    Section,
    Subheading,
    Table,
)
from optlab.export.report.facts import Study, file_names
from optlab.export.report.numbers import NONE
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n

_MOST_SEARCHED: Final = 50_000


def experiment(study: Study) -> Section:
    """Return the experiment of every problem, letter by letter as it was run."""
    blocks: list[Block] = []
    for problem in study.problems:
        findings = problem.findings
        if study.several:
            blocks.append(Subheading(text=problem.name))
        groups: dict[object, list[RunData]] = {}
        for run in findings.runs:
            groups.setdefault(_without_seeds(run), []).append(run)
        tuned = bool(findings.tuned)
        blocks += (_code(r, len(groups), tuned=tuned) for r in groups.values())
        if not groups:
            text = tr("The comparison has not begun: only tuning is there.")
            blocks.append(Paragraph(text=text))
    return Section(name="experiment", heading=tr("Experiment"), blocks=tuple(blocks))


def _without_seeds(run: RunData) -> str:
    """Return what two files have in common that are parts of one comparison."""
    try:
        tree = tomllib.loads(run.spec_text)
    except tomllib.TOMLDecodeError:
        return run.spec_text
    training = tree.get("training")
    if isinstance(training, dict):
        training.pop("seeds", None)
    return repr(tree)


def _code(runs: Sequence[RunData], groups: int, *, tuned: bool) -> Code:
    first = runs[0]
    name = first.path.name if first.path else first.title
    if len(runs) > 1:
        caption = tr_n(
            "The experiment of {file}; one other file differs in its seeds only:",
            "The experiment of {file}; {n} other files differ in their seeds only:",
            n=len(runs) - 1,
            file=name,
        )
    elif groups > 1:
        caption = tr("The experiment of {file}:", file=name)
    else:
        caption = tr("As it was run:")
    if tuned:
        text = tr(
            "This is the comparison, with the settings that tuning chose; those that "
            "tuning started from stand under Tuning."
        )
        caption = f"{text} {caption}"
    return Code(text=first.spec_text.strip("\n"), caption=caption)


def versions(study: Study) -> Section:
    """Return what took part, and the files that everything was computed from."""
    runs = [run for p in study.problems for run in p.findings.runs]
    runs += [t.run for p in study.problems for t in p.findings.tuned]
    held: dict[str, dict[str, None]] = {}
    for run in runs:
        for name, version in run.versions.items():
            held.setdefault(name, {})[version] = None
    devices = dict.fromkeys(run.device for run in runs if run.device)
    facts = [(name, ", ".join(found)) for name, found in held.items()]
    facts.append((tr("device"), ", ".join(devices) or NONE))
    return Section(
        name="versions",
        heading=tr("Versions and run files"),
        blocks=(Facts(items=tuple(facts)), *_mixed(held), *_files(study)),
    )


def _mixed(held: Mapping[str, Collection[str]]) -> tuple[Paragraph, ...]:
    """Return a remark where several versions of something made the files."""
    names = [name for name, found in held.items() if len(found) > 1]
    if not names:
        return ()
    text = tr(
        "Not all files were made with the same versions ({names}): what changed "
        "between them may show in the numbers.",
        names=", ".join(names),
    )
    return (Paragraph(text=text, tone="warning", mark="▲"),)


def _files(study: Study) -> tuple[Block, ...]:
    rows: list[tuple[str, ...]] = []
    base = common_folder(study)
    for problem in study.problems:
        findings = problem.findings
        for run in findings.runs:
            labels = dict.fromkeys(t.label for t in run.trials)
            seeds = dict.fromkeys(t.seed for t in run.trials)
            rows.append(
                (
                    _place(run.path, base),
                    tr("comparison on {problem}", problem=problem.name),
                    ", ".join(labels),
                    _runs_of(list(seeds)),
                    _digest([run]),
                )
            )
        for label in findings.labels:
            own = findings.tuned_of(label)
            tuned = list({id(t.run): t.run for t in own}.values())
            if tuned:
                seeds = dict.fromkeys(t.start.seed for t in own)
                rows.append(
                    (
                        tr("{n} files", n=len(tuned)),
                        tr("tuning on {problem}", problem=problem.name),
                        label,
                        _runs_of(list(seeds)),
                        _digest(tuned),
                    )
                )
    if not rows:
        return ()
    table = Table(
        name="files",
        caption=tr("Run files that every number here was computed from"),
        columns=(
            Column(title=tr("File"), right=False),
            Column(title=tr("Part"), right=False),
            Column(title=tr("Optimizers"), right=False),
            Column(title=tr("Seeds"), right=False),
            Column(title=tr("Hash of the contents"), right=False),
        ),
        rows=tuple(rows),
        note=tr("BLAKE2b, 64 bits; that of several files is the hash of their hashes."),
    )
    return (table,)


def common_folder(study: Study) -> Path | None:
    """Return the folder that all run files lie in or below."""
    paths = [p for problem in study.problems for p in file_names(problem.findings)]
    parents = [str(path.resolve().parent) for path in paths]
    try:
        return Path(os.path.commonpath(parents)) if parents else None
    except ValueError:  # on several drives
        return None


def _place(path: Path | None, base: Path | None) -> str:
    if path is None:
        return NONE
    if base is None:
        return path.name
    return path.resolve().relative_to(base).as_posix()


def _runs_of(seeds: Sequence[int]) -> str:
    """Return seeds as they are typed: ``0..9, 12``."""
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and seed == parts[-1][-1] + 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    return ", ".join(
        f"{p[0]}..{p[-1]}" if len(p) > 2 else ", ".join(map(str, p)) for p in parts
    )


def _digest(runs: Sequence[RunData]) -> str:
    found = [_file_digest(run.path) for run in runs]
    if None in found:
        return NONE
    if len(found) == 1:
        return found[0] or NONE
    whole = "".join(sorted(digest or "" for digest in found))
    return blake2b(whole.encode(), digest_size=8).hexdigest()


def _file_digest(path: Path | None) -> str | None:
    if path is None:
        return None
    digest = blake2b(digest_size=8)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def repeating(study: Study) -> Section:
    """Return the commands that make the runs and this report again."""
    base = common_folder(study)
    first = next(
        (run.path for p in study.problems for run in p.findings.runs if run.path), None
    )
    # Nothing is overwritten: the report itself may lie in that folder already.
    lines = [f"optlab report {' '.join(_asked(study, base))} --to again.html"]
    if first is not None:
        lines.append(f"optlab replay {_quoted(_place(first, base))} --check")
    text = tr(
        "To be typed in the folder of the run files. The first command makes this "
        "report again from them; the second one trains a run again and compares every "
        "value with what was recorded."
    )
    return Section(
        name="repeating",
        heading=tr("How to repeat it"),
        blocks=(Paragraph(text=text), Code(text="\n".join(lines))),
    )


def _asked(study: Study, base: Path | None) -> list[str]:
    """Return the files of a report as they are typed: all of a folder by its name."""
    found = [f.resolve() for p in study.problems for f in file_names(p.findings)]
    own = dict.fromkeys(found)
    if base is None or not own or _holds_only(base, own):
        return ["."]
    asked: dict[str, None] = {}
    for path in own:
        folders = [base / part for part in path.relative_to(base).parents][-2::-1]
        whole = (folder for folder in folders if _holds_only(folder, own))
        asked[_quoted(_place(next(whole, path), base))] = None
    return list(asked)


def _holds_only(folder: Path, own: Container[Path]) -> bool:
    """Return whether all run files in and below a folder are among those given.

    A folder that holds very much, such as somebody's home, is not searched to its end.
    """
    seen = 0
    for where, folders, files in os.walk(folder):
        seen += len(folders) + len(files)
        there = (Path(where, name) for name in files if name.endswith(SUFFIX))
        if seen > _MOST_SEARCHED or any(path not in own for path in there):
            return False
    return True


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text
