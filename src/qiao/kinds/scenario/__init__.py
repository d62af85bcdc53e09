"""From a demand to a copied success: scenarios, challenges (揭榜挂帅), bids, the panel that scores them, pilots.

``scenario``: what an owner opens · ``challenge``: the call for bids on it, questions, notice, award or no award ·
``bid``: a consortium's sealed plan · ``panel``: experts, their conflicts and blind scores · ``ranking``: pure ·
``pilot``: agreement, milestones, acceptance, money, copies · ``invitation``: firms asked, and why ·
``standing``, ``lists``: how it stands, for pages · ``record``, ``story``: what became of one ·
``pipeline``: numbers.
"""

from qiao.kinds.scenario import bid, challenge, expert, invitation, panel, pilot, scenario

__all__ = ["bid", "challenge", "expert", "invitation", "panel", "pilot", "scenario"]
