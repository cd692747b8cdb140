"""Ratios of OptLab against bare PyTorch, measured side by side in one run."""
