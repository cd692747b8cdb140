"""How one form of an adaptive optimizer is said in the words of another.

Each function takes completed values and returns those to be given to the other entry;
where a value has no counterpart it raises an `InputError` that names it. Data and
arithmetic only; imports no torch.
"""

from typing import Final

from optlab.optimizers.shared import number
from optlab.optimizers.textbook.rule import DECOUPLED_BY_LR, L2
from optlab.optimizers.translations import decay_as, only, take
from optlab.params import InputError, Values
from optlab.translate import tr

# So large that √v̂ is lost beside it: Adam then divides by a constant.
_HUGE_EPS: Final = 1e8
_ADAM: Final = ("lr", "betas", "eps", "weight_decay")


def adagrad_to_torch(values: Values) -> Values:
    """Say AdaGrad with ε outside the root as torch's Adagrad."""
    only(values, eps_placement="outside")
    return take(
        values,
        "lr",
        "eps",
        initial_accumulator_value=values["initial_accumulator"],
        weight_decay=decay_as(values, L2),
    )


def adagrad_from_torch(values: Values) -> Values:
    """Say torch's Adagrad as AdaGrad with ε outside the root."""
    only(values, lr_decay=0.0, maximize=False)
    return take(
        values,
        "lr",
        "eps",
        "weight_decay",
        eps_placement="outside",
        initial_accumulator=values["initial_accumulator_value"],
    )


def adagrad_other_placement(values: Values) -> Values:
    """Move ε to the other side of the root; equal where G is 0 and where it is big."""
    eps = number(values, "eps")
    if values["eps_placement"] == "inside":
        moved = values.with_value("eps", eps**0.5)
        return moved.with_value("eps_placement", "outside")
    return values.with_value("eps", eps**2).with_value("eps_placement", "inside")


def rmsprop_to_torch(values: Values) -> Values:
    """Say the textbook's RMSprop as torch's."""
    names = ("lr", "alpha", "eps", "momentum", "centered")
    return take(values, *names, weight_decay=decay_as(values, L2))


def rmsprop_from_torch(values: Values) -> Values:
    """Say torch's RMSprop as the textbook's, whose alpha is below 1."""
    only(values, maximize=False)
    if number(values, "alpha") >= 1:
        text = tr("a number < 1; only that can be translated")
        raise InputError("alpha", values["alpha"], text)
    names = ("lr", "alpha", "eps", "momentum", "centered", "weight_decay")
    return take(values, *names)


def rmsprop_from_keras(values: Values) -> Values:
    """Say RMSprop of Keras or TensorFlow 1 with ε outside the root."""
    eps, names = number(values, "eps") ** 0.5, ("lr", "momentum", "centered")
    kept = take(values, *names, "weight_decay", "decay")
    return Values({**kept, "alpha": values["rho"], "eps": eps})


def adam_from_torch(values: Values) -> Values:
    """Say torch's Adam as the textbook's."""
    only(values, maximize=False)
    decay = DECOUPLED_BY_LR if values["decoupled_weight_decay"] else L2
    return take(values, *_ADAM, "amsgrad", eps_form="eps", decay=decay)


def adamw_from_torch(values: Values) -> Values:
    """Say torch's AdamW as the textbook's Adam."""
    only(values, maximize=False)
    return take(values, *_ADAM, "amsgrad", eps_form="eps", decay=DECOUPLED_BY_LR)


def adam_to_torch(values: Values) -> Values:
    """Say the textbook's Adam as torch's."""
    only(values, eps_form="eps")
    decoupled = number(values, "weight_decay") > 0 and values["decay"] != L2
    if decoupled:
        decay_as(values, DECOUPLED_BY_LR)
    return take(values, *_ADAM, "amsgrad", decoupled_weight_decay=decoupled)


def adam_to_adamw(values: Values) -> Values:
    """Say the textbook's Adam as torch's AdamW."""
    only(values, eps_form="eps")
    decay_as(values, DECOUPLED_BY_LR)
    return take(values, *_ADAM, "amsgrad")


def torch_adam_to_adamw(values: Values) -> Values:
    """Say torch's Adam with decoupled decay, or with none, as AdamW."""
    if number(values, "weight_decay"):
        only(values, decoupled_weight_decay=True)
    return values.without("decoupled_weight_decay")


def torch_adamw_to_adam(values: Values) -> Values:
    """Say AdamW as torch's Adam with decoupled decay."""
    return values.with_value("decoupled_weight_decay", True)


def adam_other_eps(values: Values) -> Values:
    """Say Adam with ε as Adam with ε-hat, or back: equal in late steps only."""
    other = "eps-hat" if values["eps_form"] == "eps" else "eps"
    return values.with_value("eps_form", other)


def keras_adam_to_torch(values: Values) -> Values:
    """Say Adam of Keras as torch's: equal in late steps only."""
    return adam_to_torch(values.with_value("eps_form", "eps"))


def average_to_textbook_adam(values: Values) -> Values:
    """Say the corrected average of gradients as Adam with a huge ε."""
    return average_to_adam(values).with_value("eps_form", "eps")


def average_to_adam(values: Values) -> Values:
    """Say the corrected average of gradients as torch's Adam with a huge ε."""
    return Values(
        {
            "lr": number(values, "lr") * _HUGE_EPS,
            "betas": (number(values, "momentum"), 0.999),
            "eps": _HUGE_EPS,
            "weight_decay": decay_as(values, L2),
        }
    )


def nadam_from_torch(values: Values) -> Values:
    """Say torch's NAdam as the textbook's."""
    only(values, maximize=False)
    decay = DECOUPLED_BY_LR if values["decoupled_weight_decay"] else L2
    return take(
        values, *_ADAM, "momentum_decay", momentum_schedule="warm-up", decay=decay
    )


def nadam_to_torch(values: Values) -> Values:
    """Say the textbook's or Keras' Nadam as torch's NAdam."""
    only(values, momentum_schedule="warm-up")
    decoupled = number(values, "weight_decay") > 0 and values["decay"] != L2
    if decoupled:
        decay_as(values, DECOUPLED_BY_LR)
    return take(values, *_ADAM, "momentum_decay", decoupled_weight_decay=decoupled)


def keras_adaptive_to_torch(values: Values) -> Values:
    """Say Adadelta or Adamax of Keras as torch's, which decay by L2."""
    decay_as(values, L2)
    return values.without("decay")
