"""Many runs: tuning, seeds, problems, on this machine or on a cluster."""
