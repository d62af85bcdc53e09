"""Layouts, labels and fonts as data: one YAML file for each layout, each value with its source."""
