"""What everybody may read: published replies with their figures and history, and the promises made in them.

Pages and API both read through these functions. Nothing here needs a sign-in, and nothing that a publication does
not show leaves this package: letters come redacted, persons are named by their office only, acts that are not public
are a number and a hash.
"""

from qiao.kinds.public.acts import PublicAct, told
from qiao.kinds.public.checking import Checked, check_code
from qiao.kinds.public.commitments import (
    STATES,
    Promises,
    PublicPromise,
    count_promises,
    promise_acts,
    promises,
    public_promises,
    state_condition,
)
from qiao.kinds.public.data import FORMAT, address, card_data, history_data, promise_data, reply_data
from qiao.kinds.public.lists import (
    INSTRUMENTS,
    Card,
    cards,
    choices,
    found_replies,
    instrument_of,
    live,
    replies,
    sessions,
)
from qiao.kinds.public.numbers import numbers
from qiao.kinds.public.published import Citation, PublicReply, publication_at, reply

__all__ = [
    "FORMAT",
    "INSTRUMENTS",
    "STATES",
    "Card",
    "Checked",
    "Citation",
    "Promises",
    "PublicAct",
    "PublicPromise",
    "PublicReply",
    "address",
    "card_data",
    "cards",
    "check_code",
    "choices",
    "count_promises",
    "found_replies",
    "history_data",
    "instrument_of",
    "live",
    "numbers",
    "promise_acts",
    "promise_data",
    "promises",
    "public_promises",
    "publication_at",
    "replies",
    "reply",
    "reply_data",
    "sessions",
    "state_condition",
    "told",
]
