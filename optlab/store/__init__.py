"""The store: one file per run, and everything known of a run while it grows.

Views, tables and exporters read `run_data.RunData`, whether the run is live or was
opened from a file; `run_file.RunWriter` alone writes. Imports neither torch nor Qt.
"""
