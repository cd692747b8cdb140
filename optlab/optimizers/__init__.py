"""Optimizers: catalog data without torch, and what builds them with torch."""
