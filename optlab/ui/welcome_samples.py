"""The experiments of the welcome page: which, in which order, and in one line each."""

from typing import Final

from optlab.translate import tr
from optlab.ui.thumbnails import Sample

SAMPLES: Final = (
    Sample(preset="first-look", metric="surface"),
    Sample(
        preset="digits-three-optimizers",
        metric="train_loss",
        log=True,
        smoothing=0.8,
        steps=60,
    ),
    Sample(preset="basins-himmelblau", metric="surface", seeds=196, steps=25),
    Sample(
        preset="momentum-overshoot",
        metric="surface",
        window=((-0.6, 1.15), (-2.6, 2.6)),
        steps=16,
    ),
    Sample(
        preset="saddle-crawl", metric="surface", window=((-0.55, 1.15), (-1.0, 0.5))
    ),
    Sample(preset="learning-rate-zones", metric="value", log=True, limits=(1e-6, 1e6)),
    Sample(preset="seed-momenta", metric="x0"),
    Sample(preset="noise-leaves-a-minimum", metric="x0", seeds=6),
    Sample(preset="adam-walks-the-wrong-way", metric="position", steps=700),
    Sample(preset="learning-rate-schedules", metric="lr", steps=300),
    Sample(preset="muon-on-matrices", metric="train_loss", log=True, steps=250),
    Sample(preset="batch-sizes", metric="train_loss", log=True, smoothing=0.6, seeds=1),
)
_QUICK: Final = frozenset({"surface", "value", "x0"})


def soonest_first() -> tuple[Sample, ...]:
    """Return the samples in the order in which their runs end soonest."""
    return tuple(
        sorted(SAMPLES, key=lambda s: (s.metric not in _QUICK, s.seeds is not None))
    )


def words_of(preset: str) -> tuple[str, str]:
    """Return a short title of a sample, and what is to be seen in it in one line."""
    return {
        "first-look": (
            tr("A race down the valley"),
            tr("Six optimizers start from one point. Who is at the minimum first?"),
        ),
        "digits-three-optimizers": (
            tr("Three optimizers on digits"),
            tr("SGD, momentum and Adam teach a net to read handwritten digits."),
        ),
        "basins-himmelblau": (
            tr("The start decides the end"),
            tr("400 starts, four minima: which one does each of them reach?"),
        ),
        "momentum-overshoot": (
            tr("Momentum overshoots"),
            tr("In a steep, narrow bowl momentum is faster, and goes too far."),
        ),
        "saddle-crawl": (
            tr("Away from a saddle"),
            tr("Where the gradient all but vanishes, plain descent crawls."),
        ),
        "learning-rate-zones": (
            tr("Too small, good, too large"),
            tr("Nine learning rates on x²: crawl, converge, swing, diverge."),
        ),
        "seed-momenta": (
            tr("The forms of momentum"),
            tr("Average, heavy ball, Nesterov: each swings in its own way."),
        ),
        "noise-leaves-a-minimum": (
            tr("Noise helps out of a minimum"),
            tr("Noisy gradients carry some seeds over the barrier."),
        ),
        "adam-walks-the-wrong-way": (
            tr("Where Adam goes wrong"),
            tr("With a short memory it walks uphill; AMSGrad does not."),
        ),
        "learning-rate-schedules": (
            tr("Schedules side by side"),
            tr("Eight schedules of one learning rate, on two moons."),
        ),
        "muon-on-matrices": (
            tr("Muon on a matrix"),
            tr("Muon and SOAP learn the weak directions that others miss."),
        ),
        "batch-sizes": (
            tr("Batches, small and large"),
            tr("From one sample a step to all hundred, on a noisy line."),
        ),
    }[preset]
