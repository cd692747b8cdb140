"""Diagnostics: what is measured of a trial, and how."""
