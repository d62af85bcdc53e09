"""What the pictures share: plain SVG that reads without colour and says everything in words too."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def svg(title: str, told: str, width: int, height: int, parts: Iterable[str]) -> str:
    """A picture with its title and, for those who do not see it, what it tells."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
            'aria-labelledby="picture-title picture-told" '
            'font-family="Noto Sans CJK SC, Source Han Sans SC, sans-serif" font-size="13">',
            f'<title id="picture-title">{escape(title)}</title>',
            f'<desc id="picture-told">{escape(told)}</desc>',
            '<rect width="100%" height="100%" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def label(x: float, y: int, text: str, anchor: str = "start", fill: str = "#222") -> str:
    return f'<text x="{x:g}" y="{y}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'


def text_width(text: str) -> int:
    """About how wide a label is at 13 pixels: Chinese characters are as wide as they are high."""
    return sum(13 if ord(character) > 0x2E7F else 8 for character in text)
