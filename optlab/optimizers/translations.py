"""How one form of gradient descent or momentum is said in the words of another.

Each function takes completed values and returns those to be given to the other entry;
where a value has no counterpart it raises an `InputError` that names it. Data and
arithmetic only; imports no torch.
"""

from optlab.optimizers.shared import number
from optlab.optimizers.textbook.rule import DECOUPLED, L2
from optlab.params import InputError, ParamValue, Values, format_number
from optlab.translate import tr


def only(values: Values, **allowed: ParamValue) -> None:
    """Refuse values that the other form has no word for.

    Raises:
        InputError: A value is not the one that is allowed.
    """
    for name, value in allowed.items():
        if values[name] != value:
            shown = str(value).lower() if isinstance(value, bool) else value
            if isinstance(shown, float):
                shown = format_number(shown)
            text = tr("{value}; nothing else can be translated", value=shown)
            raise InputError(name, values[name], text)


def take(values: Values, *names: str, **more: ParamValue) -> Values:
    """Return some of ``values`` and more."""
    return Values({name: values[name] for name in names} | more)


def tidy(value: float) -> float:
    """Return a product as a person would write it: 0.01, not 0.009999999999999998."""
    return float(f"{value:.14g}")


def decay_as(values: Values, form: str) -> float:
    """Return weight_decay, which must act as ``form`` unless it is 0."""
    strength = number(values, "weight_decay")
    if strength:
        only(values, decay=form)
    return strength


def _below_one(values: Values) -> float:
    beta = number(values, "momentum")
    if beta >= 1:
        text = tr("a number < 1; only that can be translated into an average")
        raise InputError("momentum", beta, text)
    return beta


def same_values(values: Values) -> Values:
    """Say a form in another that has the same words."""
    return values


def gd_to_sgd(values: Values) -> Values:
    """Say plain gradient descent as torch's SGD."""
    if values["decay"] == DECOUPLED:
        decay_as(values, L2)
    return take(values, "lr", "weight_decay")


def sgd_to_gd(values: Values) -> Values:
    """Say torch's SGD without momentum as plain gradient descent."""
    only(values, momentum=0.0, maximize=False)
    return take(values, "lr", "weight_decay")


def sgd_to_heavy_ball(values: Values) -> Values:
    """Say torch's SGD as a heavy ball."""
    only(values, dampening=0.0, nesterov=False, maximize=False)
    return take(values, "lr", "momentum", "weight_decay")


def sgd_to_velocity(values: Values) -> Values:
    """Say torch's SGD in the velocity form, which decays weights in another way."""
    only(values, dampening=0.0, maximize=False)
    return take(values, "lr", "momentum", "nesterov", "weight_decay")


def sgd_to_nesterov(values: Values) -> Values:
    """Say torch's SGD with its Nesterov switch as Nesterov's momentum."""
    only(values, nesterov=True, maximize=False)
    return take(values, "lr", "momentum", "weight_decay")


def sgd_to_average(values: Values) -> Values:
    """Say torch's SGD as an average of gradients: lr grows by 1/(1 − β)."""
    return heavy_ball_to_average(sgd_to_heavy_ball(values))


def sgd_to_average_from_first(values: Values) -> Values:
    """Say torch's SGD, dampened by its momentum, as an average started at g₀."""
    only(values, nesterov=False, maximize=False, dampening=_below_one(values))
    return take(values, "lr", "momentum", "weight_decay")


def heavy_ball_to_average(values: Values) -> Values:
    """Say a heavy ball as an average of gradients: lr grows by 1/(1 − β)."""
    beta = _below_one(values)
    return values.with_value("lr", tidy(number(values, "lr") / (1 - beta)))


def heavy_ball_to_velocity(values: Values) -> Values:
    """Say a heavy ball as a velocity."""
    return values.with_value("nesterov", False)


def average_to_heavy_ball(values: Values) -> Values:
    """Say an average of gradients as a heavy ball: lr shrinks by 1 − β."""
    lr, beta = number(values, "lr"), number(values, "momentum")
    return values.with_value("lr", tidy(lr * (1 - beta)))


def average_to_sgd(values: Values) -> Values:
    """Say an average of gradients as torch's SGD: lr shrinks by 1 − β."""
    return momentum_to_sgd(average_to_heavy_ball(values))


def momentum_to_sgd(values: Values) -> Values:
    """Say a heavy ball as torch's SGD."""
    return take(values, "lr", "momentum", weight_decay=decay_as(values, L2))


def average_from_first_to_sgd(values: Values) -> Values:
    """Say an average started at g₀ as torch's SGD, dampened by its momentum."""
    return momentum_to_sgd(values).with_value("dampening", values["momentum"])


def nesterov_to_sgd(values: Values) -> Values:
    """Say Nesterov's momentum as torch's SGD, which wants some momentum for it."""
    looks_ahead = number(values, "momentum") > 0
    return momentum_to_sgd(values).with_value("nesterov", looks_ahead)


def nesterov_to_sequence(values: Values) -> Values:
    """Say Nesterov's momentum as his sequence with a constant momentum."""
    return momentum_to_sgd(values).with_value("schedule", "constant")


def sequence_to_nesterov(values: Values) -> Values:
    """Say Nesterov's sequence with a constant momentum as Nesterov's momentum."""
    only(values, schedule="constant")
    return values.without("schedule")


def velocity_to_heavy_ball(values: Values) -> Values:
    """Say a velocity as a heavy ball."""
    only(values, nesterov=False)
    return momentum_to_sgd(values)


def velocity_to_sgd(values: Values) -> Values:
    """Say a velocity as torch's SGD."""
    return nesterov_to_sgd(values) if values["nesterov"] else momentum_to_sgd(values)
