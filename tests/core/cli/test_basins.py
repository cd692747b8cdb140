"""``optlab basins``: a map, its figure, its table, and the same from a file."""

import csv
import signal
from pathlib import Path

import numpy as np
import pytest

from optlab.cli.program import main
from optlab.spec.basin_map import MapPlan
from optlab.store.basin_map import BasinMap
from optlab.sweep.basins import MapMaker

SPEC = """
format = 1
title = "Three roads"
[problem]
name = "himmelblau"
[training]
steps = 7
[[optimizers]]
name = "SGD"
lr = 0.03
[[optimizers]]
name = "Adam"
label = "Adam, \\"quick\\""
lr = 0.3
[[optimizers]]
name = "LBFGS"
"""
WORDS = ("--grid", "9", "--steps", "40")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.toml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def basins(spec: Path, *targets: Path, words: tuple[str, ...] = WORDS) -> int:
    named = [word for target in targets for word in ("--to", str(target))]
    return main(["basins", str(spec), *words, *named])


def test_that_a_map_a_figure_and_a_table_are_written(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = [tmp_path / f"map{suffix}" for suffix in (".npz", ".svg", ".csv")]
    assert basins(spec, *targets) == 0
    said = capsys.readouterr().out
    assert said.count("Written") == 3
    assert "arrive, half of them within" in said
    found = BasinMap.read(targets[0])
    assert (found.plan.columns, found.plan.rows, found.plan.steps) == (9, 9, 40)
    assert found.alone == {2}
    with targets[2].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 81
    starts = found.plan.starts()
    for k, row in enumerate(rows):
        entry, cell = divmod(k, 81)
        assert row["optimizer"] == found.labels[entry]
        assert (float(row["x0"]), float(row["x1"])) == tuple(starts[:, cell])
        state, minimum = found.state(entry, cell), int(found.minimum[entry, cell])
        assert row["state"] == state
        there = "" if minimum < 0 else str(minimum)
        assert row["minimum"] == there
        if minimum >= 0:
            point = float(row["minimum_x0"]), float(row["minimum_x1"])
            assert point == found.plan.minima[minimum]
        ended = minimum < 0 and state == "finished"
        steps = "" if ended else str(found.since[entry, cell])
        assert row["steps"] == steps
    assert {"finished", "diverged"} <= {row["state"] for row in rows}
    picture = targets[1].read_text(encoding="utf-8")
    assert "Three roads" in picture
    assert all(f'id="basins-{entry}"' in picture for entry in range(3))


def test_that_a_map_is_drawn_again_from_its_file_alone(
    spec: Path, tmp_path: Path
) -> None:
    kept, first, again = (tmp_path / n for n in ("map.npz", "1.svg", "2.svg"))
    assert basins(spec, kept, first) == 0
    spec.unlink()
    assert basins(kept, again, words=()) == 0
    assert again.read_bytes() == first.read_bytes()
    for by in ("minimum", "steps"):
        png = tmp_path / f"{by}.png"
        assert basins(kept, png, words=("--by", by)) == 0
        assert png.read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "steps.png").read_bytes() != png.with_name(
        "minimum.png"
    ).read_bytes()


def test_that_an_interrupt_keeps_what_is_known(
    spec: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make = MapMaker.make

    def interrupted(self: MapMaker) -> object:
        for parts, _ in enumerate(make(self)):
            if parts == 3:
                signal.raise_signal(signal.SIGINT)
            yield

    monkeypatch.setattr(MapMaker, "make", interrupted)
    target = tmp_path / "map.npz"
    assert basins(spec, target) == 1
    assert "stopped" in capsys.readouterr().err
    found = BasinMap.read(target)
    states = {found.state(entry, 40) for entry in range(3)}
    assert "stopped" in states


def test_that_nothing_is_overwritten_but_by_force(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "map.csv"
    target.write_bytes(b"mine")
    assert basins(spec, target) == 2
    assert "--force" in capsys.readouterr().err
    assert target.read_bytes() == b"mine"
    assert basins(spec, target, words=(*WORDS, "--force", "--quiet")) == 0
    assert capsys.readouterr().out == ""
    assert target.read_bytes().startswith(b"optimizer,x0,x1,")


def test_that_the_plan_of_a_preset_is_that_of_its_surface(tmp_path: Path) -> None:
    target = tmp_path / "map.npz"
    words = ["basins", "basins-himmelblau", "--grid", "3", "--steps", "2", "--quiet"]
    assert main([*words, "--to", str(target)]) == 0
    plan = BasinMap.read(target).plan
    assert isinstance(plan, MapPlan)
    assert plan.x == plan.y == (-5.0, 5.0)
    assert len(plan.minima) == 4
    assert np.allclose(plan.near, 0.02 * np.hypot(10, 10))
