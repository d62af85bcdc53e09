"""Every speed claim of Qiao, measured: ``make bench``, or ``python -m benchmarks --help``.

Room: stands outside the product. It may use all of it and nothing imports it. ``world`` makes a district and lets
cases live through ``act()``; ``load`` multiplies them to full size; ``acts``, ``searching``, ``pages`` and ``peers``
measure; ``report`` writes down. Every database is measured in a process of its own.
"""
