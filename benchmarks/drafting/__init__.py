"""How well `qiao packs draft` splits policies and finds their amounts: ``python -m benchmarks.drafting FOLDER``."""
