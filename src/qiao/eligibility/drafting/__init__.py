"""From a published policy to the draft of a pack: what is recognised is written down, the rest stays text.

    text = read_html(data, Path("policy.html"))         # or PolicyText.of(lines, Path("policy.docx"))
    print(write_draft(text, Vocabulary.load(root)))     # YAML as in docs/write-a-policy.md, with `draft: true`

`split` finds the numbered clauses, `figures` the amounts and shares with what they bound, `about` title, number, issuer
and dates, `conditions` the sentences that the vocabulary understands to the last word. A person completes and signs the
draft; until then it is refused wherever packs are read. docs/policy-import.md says how well this works.
"""

from .about import About, about
from .conditions import Reading, understand
from .figures import Figure, figures
from .page import is_html, read_html
from .splitting import PolicyText, Section
from .writing import write_draft

__all__ = [
    "About",
    "Figure",
    "PolicyText",
    "Reading",
    "Section",
    "about",
    "figures",
    "is_html",
    "read_html",
    "understand",
    "write_draft",
]
