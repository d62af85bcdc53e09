"""What the pictures share."""

from __future__ import annotations


def text_width(text: str) -> int:
    """About how wide a label is at 13 pixels: Chinese characters are as wide as they are high."""
    return sum(13 if ord(character) > 0x2E7F else 8 for character in text)
