"""Two shelves: what is needed and what is offered; who fits whom; interest, talks, outcome.

``listing``: fields of an entry and who sees which · ``process``: the life of an entry and of an interest ·
``entries``: what is listed, for pages · ``fitting``: entries as profiles, matched with reasons · ``tags``: curated.
"""

from qiao.kinds.shelf import process

__all__ = ["process"]
