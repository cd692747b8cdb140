"""A map of basins: 10,000 starts of six optimizers against a bare loop over starts."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import torch

from benchmarks import bare
from benchmarks.row import Row
from benchmarks.sides import timed
from optlab.plugins import load_catalog
from optlab.spec import parse_spec
from optlab.spec.basin_map import NOWHERE
from optlab.store.basin_map import BasinMap
from optlab.sweep.basins import MapMaker

GRID: Final = 100
STEPS: Final = 300
SAMPLE: Final = 20
RACERS: Final[Sequence[tuple[Mapping[str, Any], bare.Factory]]] = (
    ({"name": "SGD", "lr": 0.01}, lambda p: torch.optim.SGD(p, lr=0.01)),
    (
        {"name": "SGD", "lr": 0.005, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.005, momentum=0.9),
    ),
    ({"name": "Adam", "lr": 0.1}, lambda p: torch.optim.Adam(p, lr=0.1)),
    ({"name": "RMSprop", "lr": 0.05}, lambda p: torch.optim.RMSprop(p, lr=0.05)),
    ({"name": "Adagrad", "lr": 0.5}, lambda p: torch.optim.Adagrad(p, lr=0.5)),
    ({"name": "NAdam", "lr": 0.05}, lambda p: torch.optim.NAdam(p, lr=0.05)),
)


def himmelblau(x: torch.Tensor) -> torch.Tensor:
    """Return (x² + y − 11)² + (x + y² − 7)²."""
    u, v = x[0], x[1]
    return (u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2


def loop_over(starts: Sequence[Sequence[float]]) -> bare.Floats:
    """Run a bare loop of every optimizer from every start; return all positions."""
    paths = np.empty((len(RACERS), len(starts), STEPS + 1, 2))
    for i, (_, factory) in enumerate(RACERS):
        for j, start in enumerate(starts):
            x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
            optimizer = factory([x])
            paths[i, j, 0] = start
            for k in range(STEPS):
                optimizer.zero_grad()
                himmelblau(x).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                paths[i, j, k + 1] = x.detach().numpy()
    return paths


def measure(rounds: int) -> Sequence[Row]:
    """Measure the map; what it says of the sampled starts must be what they did."""
    catalog = load_catalog()
    tree = {
        "problem": {"name": "himmelblau"},
        "training": {"steps": STEPS},
        "optimizers": [dict(entry) for entry, _ in RACERS],
    }
    spec = parse_spec(tree, catalog)
    cells = [GRID * GRID * (2 * i + 1) // (2 * SAMPLE) for i in range(SAMPLE)]

    def whole_map() -> BasinMap:
        maker = MapMaker(spec, catalog, grid=GRID, steps=STEPS)
        for _ in maker.make():
            pass
        return maker.map

    whole_map()
    ours, theirs = [], []
    for _ in range(rounds):
        seconds, found = timed(whole_map)
        ours.append(seconds)
        starts = found.plan.starts().T[cells].tolist()
        seconds, paths = timed(partial(loop_over, starts))
        theirs.append(seconds * found.plan.count / SAMPLE)
        _compare(found, cells, paths)
    return [
        Row(
            key="basins",
            figure="map of basins on Himmelblau, 10,000 starts, 6 optimizers, "
            "300 steps",
            baseline="bare loops of torch.optim with autograd over the starts, one "
            f"after the other; timed on {SAMPLE} of them, scaled",
            ours=ours,
            theirs=theirs,
            target=0.005,
            note="same minimum, reached at the same step, from every sampled start",
        )
    ]


def _compare(found: BasinMap, cells: Sequence[int], paths: bare.Floats) -> None:
    """Hold the map to the paths of the bare loops."""
    plan = found.plan
    for (i, j), _ in np.ndenumerate(paths[:, :, 0, 0]):
        away = np.linalg.norm(paths[i, j] - np.array(plan.minima)[:, None], axis=2)
        near = away <= plan.near
        reached = np.flatnonzero(near[:, -1])
        minimum = int(reached[0]) if len(reached) else NOWHERE
        told = found.minimum[i, cells[j]], found.since[i, cells[j]]
        outside = np.flatnonzero(~near[minimum])
        since = int(outside[-1]) + 1 if len(outside) else 0
        if told[0] != minimum or (minimum != NOWHERE and told[1] != since):
            raise SystemExit(f"start {cells[j]} of optimizer {i} differs: {told}")
