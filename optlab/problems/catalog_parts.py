"""Parameters that several learning problems have. Imports neither torch nor NumPy."""

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import Rule


def samples_param(default: int, *, meaning: str, high: int = 1_000_000) -> ParamSpec:
    """Return the parameter that says how many training samples there are."""
    return ParamSpec(
        name="samples",
        label="samples",
        kind=Kind.INT,
        default=default,
        low=10,
        high=high,
        suggested=(max(10, default // 10), min(high, 10 * default)),
        log=True,
        meaning=meaning,
    )


def batch_param(default: int, *, high: int = 65_536) -> ParamSpec:
    """Return the parameter that says how many samples a step takes."""
    return ParamSpec(
        name="batch_size",
        label="batch size",
        kind=Kind.INT,
        default=default,
        low=1,
        high=high,
        suggested=(1, min(high, 16 * default)),
        log=True,
        meaning="Samples in each step: 1 is stochastic, all of them full-batch "
        "gradient descent.",
    )


def noise_param(default: float, *, meaning: str, usual: float) -> ParamSpec:
    """Return the parameter that says how strong the noise of the data is."""
    return ParamSpec(
        name="noise",
        label="noise",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        high=100,
        suggested=(0.0, usual),
        meaning=meaning,
    )


def width_param(default: int, *, meaning: str) -> ParamSpec:
    """Return the parameter that says how many units a hidden layer has."""
    return ParamSpec(
        name="width",
        label="width",
        kind=Kind.INT,
        default=default,
        low=1,
        high=1024,
        suggested=(8, 128),
        log=True,
        meaning=meaning,
    )


def _batch_fits(values: Values) -> bool:
    batch_size, samples = values["batch_size"], values["samples"]
    return (
        isinstance(batch_size, int)
        and isinstance(samples, int)
        and batch_size <= samples
    )


BATCH_FITS = Rule(
    keys=("batch_size", "samples"),
    holds=_batch_fits,
    message="at most the number of samples",
)
