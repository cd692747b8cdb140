"""OptLab: a laboratory for comparing deep-learning optimizers side by side."""

__version__ = "0.1.0"
