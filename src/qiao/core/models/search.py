"""One row per thing that can be found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qiao.core.models.calls import Call, Case
from qiao.core.models.papers import Publication
from qiao.core.models.people import Organisation


class SearchEntry(models.Model):
    """What search knows of one object: its title, its text, and the text as character bigrams.

    Exactly one of the four references is set. ``public`` rows are found by everybody, others by whoever may see
    the case.
    """

    case = models.OneToOneField(Case, null=True, on_delete=models.CASCADE, related_name="found_as")
    call = models.OneToOneField(Call, null=True, on_delete=models.CASCADE, related_name="found_as")
    organisation = models.OneToOneField(
        Organisation, null=True, on_delete=models.CASCADE, related_name="found_as"
    )
    publication = models.OneToOneField(
        Publication, null=True, on_delete=models.CASCADE, related_name="found_as"
    )
    public = models.BooleanField(default=False)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    grams = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="search_public_at", condition=Q(public=True)),
            models.Index(fields=["id", "case"], name="search_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    case__isnull=False, call__isnull=True, organisation__isnull=True, publication__isnull=True
                )
                | Q(
                    case__isnull=True, call__isnull=False, organisation__isnull=True, publication__isnull=True
                )
                | Q(
                    case__isnull=True, call__isnull=True, organisation__isnull=False, publication__isnull=True
                )
                | Q(
                    case__isnull=True, call__isnull=True, organisation__isnull=True, publication__isnull=False
                ),
                name="search_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.title
