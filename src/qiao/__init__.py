"""Qiao 桥: the operating platform of an innovation district.

Rooms, from the ground up: the pure libraries (``timekeeping``, ``letters``), ``core`` (the concepts and the one
function through which every case changes), ``kinds`` (one file per process), the surfaces (``desk``, ``portal``,
``api``), and ``demo`` (the sample district). Imports go downwards only.
"""

__version__ = "0.1.0"
