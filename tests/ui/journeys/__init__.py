"""Whole journeys through the real window, by keys and mouse alone."""
