"""What noise can do to a gradient, by name. Imports neither torch nor NumPy."""

from typing import Final

GAUSSIAN: Final = "gaussian"
CAUCHY: Final = "cauchy"
MULTIPLICATIVE: Final = "multiplicative"
MASK: Final = "mask"
NOISE_KINDS: Final = (GAUSSIAN, CAUCHY, MULTIPLICATIVE, MASK)
"""A Gaussian or a Cauchy number added to each component, the whole gradient multiplied
by a Gaussian number around 1, or zero now and then (Schaul, Antonoglou & Silver 2013,
arXiv:1312.6055, section 3.2)."""
ADDED_NOISE: Final = (GAUSSIAN, CAUCHY)
