"""The one error of this library: a code a page can translate, and the data to say more."""

from __future__ import annotations

from typing import Any


class LetterError(ValueError):
    """A letter or its layout cannot be used. ``code`` is stable; ``data`` fills in the words."""

    def __init__(self, code: str, **data: Any) -> None:
        self.code = code
        self.data = data
        super().__init__(code, data)

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value!r}" for key, value in self.data.items())
        return f"{self.code} ({details})" if details else self.code


class FontsMissing(LetterError):
    """No usable Chinese font is installed; ``packages`` says what to install."""

    def __init__(self, *, roles: tuple[str, ...], packages: tuple[str, ...]) -> None:
        self.roles = roles
        self.packages = packages
        super().__init__("letter.fonts_missing", roles=list(roles), packages=list(packages))
