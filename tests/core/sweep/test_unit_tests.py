"""Tests of the unit tests of optimizers, and of the matrix that they make."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from optlab.analysis.unit_tests import Grade, Row, cells, grade, matrix
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData
from optlab.sweep.jobs import run_job
from optlab.sweep.unit_tests import jobs, unit_tests

CATALOG = load_catalog()


def _runs(
    folder: Path, wanted: Sequence[str], names: Sequence[str], *, rates: int = 3
) -> list[RunData]:
    found = []
    for job in jobs(CATALOG, names, steps=100, rates=rates):
        if spec_from_text(job.spec_text, CATALOG).title in wanted:
            result = run_job(job, lambda _: None, lambda: False)
            path = folder / f"{Path(job.key).name}.optlab"
            path.write_bytes(result.data)
            found.append(RunData.open(path))
    return found


def _row(rows: Sequence[Row], optimizer: str) -> Row:
    return next(row for row in rows if row.optimizer == optimizer)


def test_that_there_are_about_sixty_unit_tests_of_different_names() -> None:
    tests = unit_tests()
    assert 55 <= len(tests) <= 65
    assert len({test.name for test in tests}) == len(tests)
    assert {test.group for test in tests} == {"shape", "noise", "scale", "space"}


def test_that_plain_descent_is_in_every_job_and_noise_has_several_seeds() -> None:
    for job in jobs(CATALOG, ["Adam"]):
        spec = spec_from_text(job.spec_text, CATALOG)
        assert {entry.name for entry in spec.optimizers} == {"SGD", "Adam"}
        noise = CATALOG.problems.get(spec.problem.name).complete(spec.problem.values)
        assert len(spec.training.seeds) == (3 if noise["noise"] else 1)


def test_that_every_optimizer_has_its_default_rate_among_its_rates() -> None:
    for job in jobs(CATALOG, ["Adam", "Lion"], rates=5)[:1]:
        spec = spec_from_text(job.spec_text, CATALOG)
        for name in ("SGD", "Adam", "Lion"):
            own = [e.values["lr"] for e in spec.optimizers if e.name == name]
            assert CATALOG.optimizers.get(name).param("lr").default in own
            assert len(own) == 5


def test_that_an_optimizer_that_cannot_work_on_a_surface_is_refused() -> None:
    with pytest.raises(InputError, match="Muon"):
        jobs(CATALOG, ["Muon"])


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1.3, Grade.GOOD),
        (0.9, Grade.GOOD),
        (0.899, Grade.SLOW),
        (0.01, Grade.SLOW),
        (0.0, Grade.STUCK),
        (-0.0099, Grade.STUCK),
        (-0.01, Grade.DIVERGED),
        (float("-inf"), Grade.DIVERGED),
    ],
)
def test_that_a_share_of_the_way_has_a_grade(share: float, expected: Grade) -> None:
    assert grade(share) is expected


def test_that_one_rate_serves_all_tests_of_an_optimizer(tmp_path: Path) -> None:
    # Plain descent cares for the scale, Adam does not.
    tests = ("quadratic × 0.01", "quadratic × 100")
    rows = matrix(_runs(tmp_path, tests, ["Adam"], rates=7))
    plain, adam = _row(rows, "SGD"), _row(rows, "Adam")
    for row in (plain, adam):
        assert {cell.rate for cell in row.cells} == {row.rate}
        assert [cell.test for cell in row.cells] == list(tests)
    assert adam.passed == 2
    assert plain.passed == 1


def test_that_plain_descent_at_its_best_rate_is_the_measure(tmp_path: Path) -> None:
    (run,) = _runs(tmp_path, ("curved valley",), ["Adam"], rates=7)
    found = cells(run)
    plain = [cell.share for cell in found if cell.optimizer == "SGD"]
    assert max(plain) == 1.0
    assert min(plain) == float("-inf")
