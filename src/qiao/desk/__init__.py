"""Signed-in pages, by who sits there. They read through ``core.access`` and change through ``core.acts`` alone."""
