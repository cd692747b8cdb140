"""Schedules of the learning rate: data, closed forms, and torch's own classes."""
