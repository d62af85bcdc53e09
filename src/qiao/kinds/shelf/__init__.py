"""Two shelves: what is needed and what is offered; who fits whom; interest, talks, outcome.

``listing``: fields of an entry and who sees which · ``process``: the life of an entry and of an interest ·
``entries``: what is listed, for pages · ``fitting``: entries as profiles, matched with reasons · ``tags``: curated ·
``glossary``: synonyms, a standing case · ``suggesting``: what accepted matches suggest to add to them.
"""

from qiao.kinds.shelf import process  # isort: skip (needs, offers and interest come first in every list)
from qiao.kinds.shelf import glossary

__all__ = ["glossary", "process"]
