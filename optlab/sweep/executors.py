"""Where a person wants jobs to be done."""

from optlab.sweep.jobs import Executor


def executor(jobs: int | None = None, ray: str | None = None) -> Executor:
    """Return what does the jobs; `close` it in the end.

    Args:
        jobs: How many processor cores of this machine may be used; None for all.
        ray: Address of a Ray cluster as `optlab.sweep.ray_cluster.RayExecutor` takes
            it; None for this machine.

    Raises:
        InputError: The cluster cannot be used.
    """
    if ray:
        from optlab.sweep.ray_cluster import RayExecutor

        return RayExecutor(ray)
    from optlab.sweep.local import LocalExecutor

    return LocalExecutor(jobs)
