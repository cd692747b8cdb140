"""Every textbook form once more, written from its paper in another way.

A running average is written out as the weighted sum of all gradients so far, a running
maximum as the maximum of a list, a product as a product. Plain floats, one weight at a
time; nothing here is shared with what it is held against.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]
Gradient = Callable[[float, int], float]
Path = list[float]


def faded(terms: Sequence[float], rate: float) -> float:
    """Return Σ rate^(t−i)·terms_i: the newest term counts fully."""
    last = len(terms) - 1
    return math.fsum(rate ** (last - i) * term for i, term in enumerate(terms))


def averaged(terms: Sequence[float], rate: float, first: float = 0.0) -> float:
    """Return the exponential average of ``terms`` that started at ``first``."""
    return (1 - rate) * faded(terms, rate) + rate ** len(terms) * first


def penalised(g: float, x: float, p: Values) -> Any:
    return g + p["weight_decay"] * x if p["decay"] == "l2" else g


def shrunk(x: float, p: Values) -> Any:
    if p["decay"] == "decoupled-by-lr":
        return x * (1 - p["lr"] * p["weight_decay"])
    return x * (1 - p["weight_decay"]) if p["decay"] == "decoupled" else x


def walk(
    x: float, gradient: Gradient, p: Values, move: Callable[[Path], float]
) -> Path:
    """Follow ``move``, which maps all gradients so far to the next displacement."""
    seen: Path = []
    path = [x]
    for t in range(1, 201):
        seen.append(penalised(gradient(x, t), x, p))
        x = shrunk(x, p) + move(seen)
        path.append(x)
    return path


def textbook_gd(x: float, gradient: Gradient, p: Values) -> Path:
    return walk(x, gradient, p, lambda g: -p["lr"] * g[-1])


def momentum_heavy_ball(x: float, gradient: Gradient, p: Values) -> Path:
    return walk(x, gradient, p, lambda g: -p["lr"] * faded(g, p["momentum"]))


def momentum_ema(x: float, gradient: Gradient, p: Values) -> Path:
    return walk(x, gradient, p, lambda g: -p["lr"] * averaged(g, p["momentum"]))


def momentum_ema_corrected(x: float, gradient: Gradient, p: Values) -> Path:
    def move(g: Path) -> Any:
        weights = faded([1.0] * len(g), p["momentum"])
        return -p["lr"] * faded(g, p["momentum"]) / weights

    return walk(x, gradient, p, move)


def momentum_ema_g0(x: float, gradient: Gradient, p: Values) -> Path:
    def move(g: Path) -> Any:
        return -p["lr"] * averaged(g[1:], p["momentum"], first=g[0])

    return walk(x, gradient, p, move)


def momentum_nesterov(x: float, gradient: Gradient, p: Values) -> Path:
    def move(g: Path) -> Any:
        return -p["lr"] * (g[-1] + p["momentum"] * faded(g, p["momentum"]))

    return walk(x, gradient, p, move)


def momentum_nesterov_1983(x: float, gradient: Gradient, p: Values) -> Path:
    a, y, xs, ys = [1.0], x, [x], [x]
    for t in range(1, 201):
        a.append((1 + math.sqrt(4 * a[-1] ** 2 + 1)) / 2)
        mu = {
            "growing": (a[t - 1] - 1) / a[t],
            "simple": (t - 1) / (t + 2),
            "constant": p["momentum"],
        }[p["schedule"]]
        xs.append(y - p["lr"] * (gradient(y, t) + p["weight_decay"] * y))
        y = xs[t] + mu * (xs[t] - xs[t - 1])
        ys.append(y)
    return ys


def momentum_velocity(x: float, gradient: Gradient, p: Values) -> Path:
    lr, mu = p["lr"], p["momentum"]

    def move(g: Path) -> Any:
        velocity = -faded([lr * one for one in g], mu)
        return mu * velocity - lr * g[-1] if p["nesterov"] else velocity

    return walk(x, gradient, p, move)


def signsgd(x: float, gradient: Gradient, p: Values) -> Path:
    return walk(x, gradient, p, lambda g: -p["lr"] * (math.copysign(1, g[-1])))


def signum(x: float, gradient: Gradient, p: Values) -> Path:
    def move(g: Path) -> Any:
        return -p["lr"] * math.copysign(1, averaged(g, p["momentum"]))

    return walk(x, gradient, p, move)


def adagrad(x: float, gradient: Gradient, p: Values) -> Path:
    def move(g: Path) -> Any:
        total = p["initial_accumulator"] + math.fsum(one * one for one in g)
        inside = p["eps_placement"] == "inside"
        root = math.sqrt(total + p["eps"]) if inside else math.sqrt(total) + p["eps"]
        return -p["lr"] * g[-1] / root

    return walk(x, gradient, p, move)


def _square(g: Path, rate: float, first: float, *, centered: bool) -> float:
    """Return the average of squares, or around the mean: the variance."""
    square = averaged([one * one for one in g], rate, first)
    return square - averaged(g, rate) ** 2 if centered else square


def textbook_rmsprop(x: float, gradient: Gradient, p: Values) -> Path:
    along: Path = []

    def move(g: Path) -> Any:
        square = _square(g, p["alpha"], 0.0, centered=p["centered"])
        along.append(g[-1] / (math.sqrt(square) + p["eps"]))
        return -p["lr"] * faded(along, p["momentum"])

    return walk(x, gradient, p, move)


def tf_rmsprop(x: float, gradient: Gradient, p: Values) -> Path:
    along: Path = []

    def move(g: Path) -> Any:
        square = _square(g, p["rho"], p["initial_average"], centered=p["centered"])
        along.append(p["lr"] * g[-1] / math.sqrt(square + p["eps"]))
        return -faded(along, p["momentum"])

    return walk(x, gradient, p, move)


def adam(x: float, gradient: Gradient, p: Values) -> Path:
    beta1, beta2 = p["betas"]
    squares: Path = []

    def move(g: Path) -> Any:
        t = len(g)
        squares.append(averaged([one * one for one in g], beta2))
        square = max(squares) if p["amsgrad"] else squares[-1]
        mean, bias = averaged(g, beta1) / (1 - beta1**t), math.sqrt(1 - beta2**t)
        if p["eps_form"] == "eps":
            return -p["lr"] * mean / (math.sqrt(square) / bias + p["eps"])
        return -p["lr"] * mean * bias / (math.sqrt(square) + p["eps"])

    return walk(x, gradient, p, move)


def nadam(x: float, gradient: Gradient, p: Values) -> Path:
    beta1, beta2 = p["betas"]
    psi = p["momentum_decay"]
    if p["momentum_schedule"] == "constant":
        mus = [beta1] * 202
    else:
        mus = [beta1 * (1 - 0.5 * 0.96 ** (psi * t)) for t in range(1, 203)]

    def move(g: Path) -> Any:
        t = len(g)
        ahead = mus[t] * averaged(g, beta1) / (1 - math.prod(mus[: t + 1]))
        now = (1 - mus[t - 1]) * g[-1] / (1 - math.prod(mus[:t]))
        square = averaged([one * one for one in g], beta2) / (1 - beta2**t)
        return -p["lr"] * (ahead + now) / (math.sqrt(square) + p["eps"])

    return walk(x, gradient, p, move)


def keras_adadelta(x: float, gradient: Gradient, p: Values) -> Path:
    rho, eps = p["rho"], p["eps"]
    deltas: Path = []

    def move(g: Path) -> Any:
        square = averaged([one * one for one in g], rho)
        before = averaged([one * one for one in deltas], rho)
        deltas.append(-math.sqrt((before + eps) / (square + eps)) * g[-1])
        return float(p["lr"] * deltas[-1])

    return walk(x, gradient, p, move)


def keras_adamax(x: float, gradient: Gradient, p: Values) -> Path:
    beta1, beta2 = p["betas"]

    def move(g: Path) -> Any:
        t = len(g)
        largest = max(beta2 ** (t - 1 - i) * abs(one) for i, one in enumerate(g))
        mean = averaged(g, beta1) / (1 - beta1**t)
        return -p["lr"] * mean / (largest + p["eps"])

    return walk(x, gradient, p, move)


REFERENCES: Mapping[str, Callable[[float, Gradient, Values], Path]] = {
    "textbook-gd": textbook_gd,
    "momentum-heavy-ball": momentum_heavy_ball,
    "momentum-ema": momentum_ema,
    "momentum-ema-corrected": momentum_ema_corrected,
    "momentum-ema-g0": momentum_ema_g0,
    "momentum-nesterov": momentum_nesterov,
    "momentum-nesterov-1983": momentum_nesterov_1983,
    "momentum-velocity": momentum_velocity,
    "keras-sgd": momentum_velocity,
    "signsgd": signsgd,
    "signum": signum,
    "textbook-adagrad": adagrad,
    "keras-adagrad": adagrad,
    "textbook-rmsprop": textbook_rmsprop,
    "keras-rmsprop": tf_rmsprop,
    "tf1-rmsprop": tf_rmsprop,
    "textbook-adam": adam,
    "keras-adam": adam,
    "textbook-nadam": nadam,
    "keras-nadam": nadam,
    "keras-adadelta": keras_adadelta,
    "keras-adamax": keras_adamax,
}


def clipped_gd(
    xs: Sequence[float], gradients: Sequence[Gradient], p: Values
) -> list[list[float]]:
    """Clip the gradient of all weights together, then step."""
    path = [list(xs)]
    for t in range(1, 201):
        now = path[-1]
        g = [gradient(x, t) for gradient, x in zip(gradients, now, strict=True)]
        cut = min(1.0, p["max_norm"] / math.hypot(*g))
        path.append(
            [
                shrunk(x, p) - p["lr"] * penalised(cut * one, x, p)
                for x, one in zip(now, g, strict=True)
            ]
        )
    return path
