"""What can go wrong. Errors carry a code and parameters; the sentence a user reads is made elsewhere."""

from __future__ import annotations


class ClockError(Exception):
    """A clock cannot be computed.

    ``code`` is stable and meant for translation, ``params`` fill the translation, and the message is for
    developers only.
    """

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.params = params


class BadRule(ClockError):
    """A rule or an event says something that cannot be meant.

    Codes: ``amount_not_positive``, ``thresholds_negative``, ``not_a_plain_date``, ``event_incomplete``.
    """


class ImpossibleEvent(ClockError):
    """The events cannot have happened in this order.

    Codes: ``not_started``, ``already_started``, ``not_paused``, ``already_paused``, ``already_stopped``,
    ``out_of_order``. Params: ``kind``, ``date`` and, for ``out_of_order``, ``previous``.
    """


class OutsideCalendar(ClockError):
    """A date lies outside the years that the calendar spans. Code: ``outside_calendar``."""
