"""Where an experiment names what is not of the catalog."""

from collections.abc import Iterator

from optlab.spec.data import ExperimentSpec


def named_in(spec: ExperimentSpec) -> Iterator[tuple[str, str]]:
    """Yield place and text of all that may name a file of the user's."""
    for index, entry in enumerate(spec.optimizers):
        yield f"optimizers.{index}.name", entry.name
    for problem in (spec.problem, *spec.further_problems):
        for key, value in problem.values.items():
            if isinstance(value, str):
                yield f"problem.{key}", value
