"""What runs say: outcomes, targets, basins, sweeps. NumPy only; opens without torch."""
