"""The surface that an experiment was on, from its text alone; needs no matplotlib."""

import tomllib
from collections.abc import Callable
from typing import cast

from optlab.params import check_values
from optlab.problems.catalog import PROBLEMS
from optlab.problems.surface import Surface
from optlab.registry import resolve


def surface_of_text(spec_text: str) -> Surface | None:
    """Return the surface of an experiment on a built-in problem, None elsewhere."""
    try:
        problem = tomllib.loads(spec_text).get("problem", {})
    except tomllib.TOMLDecodeError:
        return None
    info = next((p for p in PROBLEMS if p.name == problem.get("name")), None)
    if info is None or info.kind != "surface":
        return None
    given = {name: value for name, value in problem.items() if name != "name"}
    values = info.complete(check_values(info.params, given, "problem"))
    return cast(Callable[..., Surface], resolve(info.factory))(values)
