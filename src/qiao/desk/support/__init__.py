"""Support under policies: calls, applications filled in from facts, lists without application, objections, money."""
