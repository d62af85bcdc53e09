"""Who should work with whom, and why: needs and offers, challenges and firms, investors and founders, people.

    pool = [Profile("f1", "firm", {"text": "数字孪生工厂平台"}, {"technology": frozenset({"数字孪生"})}), …]
    matcher = Matcher(pool, Weights.read("need-offer"), parts=[…], conditions=[…], needs=[every need's text])
    found = matcher.find(Profile("n1", "need", {"text": "热轧产线的虚拟仿真"}))
    found.fit[0].parts                                  # named shares; they add up to the score
    found.near                                          # only one condition away

    plan_meetings(Salon(guests, pairs, slots=12, tables=50)).meetings

Texts are compared by characters, words and pairs of them. A pure library: no database, no web framework.
"""

from .conditions import Condition, HasAll, Judged, Overlaps, Shares, State
from .exposure import Exposure, Place, measure, spread
from .glossary import Glossary, Suggestion, suggest
from .index import Answer, Asked, Backend, Index, Rarity
from .matcher import Match, Matcher, Matches, Share, texts_of
from .meetings import Concern, Doubt, Guest, Meeting, Pair, Salon, Timetable, doubts
from .mutual import Wish, both_ways, may_meet, ranked, wished
from .parts import Count, Embedder, Meaning, NearAmount, NearCode, NearLevel, Part, SameTags
from .planning import plan_meetings
from .profiles import BadAttribute, DuplicateId, Pool, Profile, Range, Words
from .weights import BadWeights, Weights

__all__ = [
    "Answer",
    "Asked",
    "Backend",
    "BadAttribute",
    "BadWeights",
    "Concern",
    "Condition",
    "Count",
    "Doubt",
    "DuplicateId",
    "Embedder",
    "Exposure",
    "Glossary",
    "Guest",
    "HasAll",
    "Index",
    "Judged",
    "Match",
    "Matcher",
    "Matches",
    "Meaning",
    "Meeting",
    "NearAmount",
    "NearCode",
    "NearLevel",
    "Overlaps",
    "Pair",
    "Part",
    "Place",
    "Pool",
    "Profile",
    "Range",
    "Rarity",
    "Salon",
    "SameTags",
    "Share",
    "Shares",
    "State",
    "Suggestion",
    "Timetable",
    "Weights",
    "Wish",
    "Words",
    "both_ways",
    "doubts",
    "may_meet",
    "measure",
    "plan_meetings",
    "ranked",
    "spread",
    "suggest",
    "texts_of",
    "wished",
]
