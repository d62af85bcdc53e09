"""The market at the desk: a unit's own entries, the form of an entry, interest in another's."""
