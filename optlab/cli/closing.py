"""The closing report of a run: one row per trial, the certificate, the final point."""

from typing import TYPE_CHECKING, Final

from optlab.cli.output import number, say, say_table
from optlab.translate import tr

RIGHT: Final = (1, 3, 4, 5, 6, 7)

if TYPE_CHECKING:
    from optlab.records import TrialStart
    from optlab.store.run_data import RunData
    from optlab.store.status import SummaryRow


def say_report(data: "RunData") -> None:
    """Print how every trial ended, and whether the comparison was a fair one."""
    rows = data.summary()
    headers = (
        tr("label"),
        tr("seed"),
        tr("state"),
        tr("steps"),
        tr("final loss"),
        tr("best loss"),
        tr("val accuracy"),
        tr("ms/step"),
        tr("weights"),
        tr("batches"),
    )
    cells = [_row(row) for row in rows]
    # A column in which nothing was measured is left out.
    kept = [i for i in range(len(headers)) if any(row[i] for row in cells)]
    say_table(
        [headers[i] for i in kept],
        [[row[i] for i in kept] for row in cells],
        right=[n for n, i in enumerate(kept) if i in RIGHT],
    )
    for trial in data.trials:
        status = data.status(trial.trial)
        if status.reason:
            say(f"{trial.label}, {tr('seed')} {trial.seed}: {status.reason}")
        for note in trial.notes:
            say(f"{trial.label}, {tr('seed')} {trial.seed}: {note}")
    if len(data.trials) > len({trial.seed for trial in data.trials}):
        for line in certificate(data):
            say(line)
    for trial in data.trials:
        point = final_point(data, trial)
        if point:
            say(point)


def certificate(data: "RunData") -> tuple[str, ...]:
    """Return in lines whether the comparison was a fair one, and every doubt."""
    from optlab.analysis.certificate import certify_run

    found = certify_run(data)
    level = tr("Certificate: {level}", level=found.level_word)
    return found.sentence, level, *(f"  {text}" for text in found.reasons)


def final_point(data: "RunData", trial: "TrialStart") -> str:
    """Return where a trial on a surface ended, exactly; empty for other problems."""
    step = max(data.status(trial.trial).step, 0)
    coordinates = [m for m in data.metrics if m[:1] == "x" and m[1:].isdecimal()]
    names = [m for m in (*coordinates, "value") if m in data.metrics]
    if not coordinates:
        return ""
    values = [(name, data.series(trial.trial, name).at(step)) for name in names]
    shown = ", ".join(f"{name} = {value!r}" for name, value in values)
    text = "{label}, seed {seed}, step {step}: {values}"
    return tr(text, label=trial.label, seed=trial.seed, step=step, values=shown)


def _row(row: "SummaryRow") -> tuple[str, ...]:
    ms = 1e3 * row.wall_time_s / row.steps if row.steps else None
    return (
        row.label,
        str(row.seed),
        tr(row.status),
        str(row.steps),
        number(row.final_train_loss),
        number(row.best_train_loss),
        number(row.final_val_accuracy),
        number(ms),
        row.init_hash[:8],
        row.batch_hash[:8],
    )
