"""The schedules that OptLab brings: all of torch 2.13's, and some that it lacks.

Data only; imports no torch. A test holds every entry against the installed torch.
"""

from typing import Final

from optlab.optimizers.schedules.catalog_cycles import (
    CHAINED,
    CYCLIC,
    ONE_CYCLE,
    PLATEAU,
    SEQUENTIAL,
    SWA,
)
from optlab.optimizers.schedules.catalog_own import HELD, WARMUP, WARMUP_COSINE, WSD
from optlab.optimizers.schedules.catalog_torch import (
    CONSTANT,
    COSINE,
    EXPONENTIAL,
    LAMBDA,
    LINEAR,
    MULTI_STEP,
    MULTIPLICATIVE,
    POLYNOMIAL,
    STEP,
    WARM_RESTARTS,
)
from optlab.registry import SchedulerInfo

SCHEDULERS: Final[tuple[SchedulerInfo, ...]] = (
    HELD,
    STEP,
    MULTI_STEP,
    EXPONENTIAL,
    LINEAR,
    POLYNOMIAL,
    COSINE,
    WARM_RESTARTS,
    CONSTANT,
    WARMUP,
    WARMUP_COSINE,
    WSD,
    CYCLIC,
    ONE_CYCLE,
    PLATEAU,
    SWA,
    LAMBDA,
    MULTIPLICATIVE,
    SEQUENTIAL,
    CHAINED,
)
