"""Pages of the registry and of those who sign: board, signatures, outbox, indicators, promises, statistics.

They read through ``core.access`` and change cases through ``core.acts``, values through ``core.figures`` alone.
"""
