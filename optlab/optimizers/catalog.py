"""The optimizers that OptLab brings: torch.optim 2.13, textbook forms, wrappers.

Data only; imports no torch. A test holds what is torch's against the installed
torch.
"""

from typing import Final

from optlab.optimizers.adam_family import ADAM, ADAMAX, ADAMW, NADAM, RADAM, SPARSE_ADAM
from optlab.optimizers.adaptive import ADADELTA, ADAFACTOR, ADAGRAD, RMSPROP
from optlab.optimizers.gradient_descent import ASGD, RPROP, SGD
from optlab.optimizers.second_order import LBFGS, MUON
from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.optimizers.wrappers import WRAPPERS
from optlab.registry import OptimizerInfo

OPTIMIZERS: Final[tuple[OptimizerInfo, ...]] = (
    SGD,
    ASGD,
    ADAGRAD,
    ADADELTA,
    RMSPROP,
    RPROP,
    ADAM,
    ADAMW,
    ADAMAX,
    NADAM,
    RADAM,
    SPARSE_ADAM,
    ADAFACTOR,
    LBFGS,
    MUON,
    *TEXTBOOK,
    *WRAPPERS,
)
