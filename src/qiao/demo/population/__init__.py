"""The sample district at the size of the reply's figures, or at any other: firms, investors, members, full shelves.

``plan`` says how many and how much (pure, no database), ``drawing`` draws one firm or fund from seed and number,
``writing`` puts them into the database in blocks, ``shelves`` lists needs and offers through ``act()``, ``totals`` adds
the facts up again. ``qiao.demo.loading.grow`` runs the parts in order and goes on where it was stopped.
"""
