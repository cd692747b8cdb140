"""The textbook forms: every form that articles and other libraries teach.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.textbook.adagrad import TEXTBOOK_ADAGRAD
from optlab.optimizers.textbook.adam import TEXTBOOK_ADAM
from optlab.optimizers.textbook.average import MOMENTUM_EMA
from optlab.optimizers.textbook.average_corrected import MOMENTUM_EMA_CORRECTED
from optlab.optimizers.textbook.average_from_first import MOMENTUM_EMA_G0
from optlab.optimizers.textbook.clipped import CLIPPED_GD
from optlab.optimizers.textbook.gradient_descent import TEXTBOOK_GD
from optlab.optimizers.textbook.heavy_ball import HEAVY_BALL
from optlab.optimizers.textbook.keras_adadelta import KERAS_ADADELTA
from optlab.optimizers.textbook.keras_adagrad import KERAS_ADAGRAD
from optlab.optimizers.textbook.keras_adam import KERAS_ADAM
from optlab.optimizers.textbook.keras_adamax import KERAS_ADAMAX
from optlab.optimizers.textbook.keras_nadam import KERAS_NADAM
from optlab.optimizers.textbook.keras_rmsprop import KERAS_RMSPROP
from optlab.optimizers.textbook.keras_sgd import KERAS_SGD
from optlab.optimizers.textbook.nadam import TEXTBOOK_NADAM
from optlab.optimizers.textbook.nesterov import NESTEROV
from optlab.optimizers.textbook.nesterov_sequence import NESTEROV_1983
from optlab.optimizers.textbook.rmsprop import TEXTBOOK_RMSPROP
from optlab.optimizers.textbook.sign_descent import SIGN_SGD
from optlab.optimizers.textbook.signum import SIGNUM
from optlab.optimizers.textbook.tf1_rmsprop import TF1_RMSPROP
from optlab.optimizers.textbook.velocity import MOMENTUM_VELOCITY
from optlab.registry import OptimizerInfo

TEXTBOOK: Final[tuple[OptimizerInfo, ...]] = (
    TEXTBOOK_GD,
    CLIPPED_GD,
    HEAVY_BALL,
    MOMENTUM_EMA,
    MOMENTUM_EMA_CORRECTED,
    MOMENTUM_EMA_G0,
    NESTEROV,
    NESTEROV_1983,
    SIGN_SGD,
    SIGNUM,
    TEXTBOOK_ADAGRAD,
    TEXTBOOK_RMSPROP,
    TEXTBOOK_ADAM,
    TEXTBOOK_NADAM,
    MOMENTUM_VELOCITY,
    KERAS_SGD,
    KERAS_ADAGRAD,
    KERAS_ADADELTA,
    KERAS_RMSPROP,
    TF1_RMSPROP,
    KERAS_ADAM,
    KERAS_ADAMAX,
    KERAS_NADAM,
)
