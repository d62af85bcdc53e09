"""What matches say of themselves, in both languages. A pure library has no gettext: every text is a pair."""

from __future__ import annotations

from .profiles import Words

MARKS = ("✗", "？", "✓")
NOTHING = Words("未填写", "not stated")
ANYTHING = Words("不限", "anything")
CONDITION = (  # by state: fails, unknown, passes
    Words("{what}：{has}，要求 {asked}", "{what}: {has}; asked: {asked}"),
    Words("{what}待核实，要求 {asked}", "{what} to be verified; asked: {asked}"),
    Words("{what}：{has}", "{what}: {has}"),
)

TEXT = Words("文字相近：{terms}", "says the same: {terms}")
NO_TEXT = Words("文字没有相同之处", "nothing said in the same words")
GLOSSARY = Words("同义词：{terms}", "by synonym: {terms}")
TAGS = Words("{what}相同：{names}", "same {what}: {names}")
NO_TAGS = Words("{what}没有相同的", "no {what} in common")
INDUSTRY = Words("{what}：{has} 与 {asked} 同属 {level}", "{what}: {has} and {asked} share {level}")
FAR = Words("{what}：{has}，与 {asked} 不同类", "{what}: {has}, not near {asked}")
NEAR = Words("{what}：{has}，所求 {asked}", "{what}: {has}; wanted {asked}")
COUNT = Words("{what}：{count}", "{what}: {count}")
MEANS = Words("语义", "meaning")
MEANING = Words("语义相近", "close in meaning")
NOT_KNOWN = Words("{what}：未填写", "{what}: not stated")
