"""The sample district: fictional people in bodies that bear the names of the published reply, and what they do.

``loading`` puts it into an empty database; ``district`` is who is there, ``replay`` case 065, ``neighbours`` the rest.
"""
