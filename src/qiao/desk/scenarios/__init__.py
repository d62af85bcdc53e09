"""Scenarios, challenges and joint projects at the desk: what each has in hand, a challenge's board, the panel."""
