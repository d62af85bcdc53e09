"""What people are told, what they owe, and what they asked to watch."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qiao.core.models.base import new_code
from qiao.core.models.calls import Case
from qiao.core.models.history import Act
from qiao.core.models.people import Organisation, Person


class Task(models.Model):
    """待办: who owes which verb by when. Derived after every act; stored only for lists and reminders."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    verb = models.CharField(max_length=40)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="tasks")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="tasks")
    role = models.CharField(max_length=40, blank=True)
    due = models.DateField(null=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(organisation__isnull=False), name="task_somebody_owes"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "role", "due"], name="task_seat"),
            models.Index(fields=["person", "due"], name="task_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"


class KnownPolicy(models.Model):
    """A version of a policy that firms have been told of; the timer looks for those that are not here yet."""

    version = models.CharField(max_length=120, unique=True)  # cn/tech-sme@2017-05-03
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.version


class Notice(models.Model):
    """通知: something a person should know of, read in the desk: an act, or a policy that fits their firm."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    act = models.ForeignKey(Act, null=True, on_delete=models.CASCADE, related_name="notices")
    policy = models.ForeignKey(KnownPolicy, null=True, on_delete=models.CASCADE, related_name="notices")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    follow = (
        models.ForeignKey(  # the saved search that the act's case fits; such a notice says what is public
            "Follow", null=True, on_delete=models.CASCADE, related_name="notices"
        )
    )
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "act"], name="notice_once"),
            models.UniqueConstraint(fields=["person", "policy", "organisation"], name="notice_policy_once"),
            models.CheckConstraint(
                condition=Q(act__isnull=False, policy__isnull=True, organisation__isnull=True)
                | Q(act__isnull=True, policy__isnull=False, organisation__isnull=False),
                name="notice_of_one",
            ),
            models.CheckConstraint(
                condition=Q(follow__isnull=True) | Q(act__isnull=False), name="notice_of_search_has_act"
            ),
        ]
        indexes = [models.Index(fields=["person", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.act_id or self.policy_id}"


class Mail(models.Model):
    """Outbox: a letter by e-mail that a person can check before it leaves."""

    class State(models.TextChoices):
        HELD = "held", _("待核对")
        APPROVED = "approved", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("发送失败")
        DROPPED = "dropped", _("不发送")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mails")
    act = models.ForeignKey(Act, null=True, on_delete=models.CASCADE, related_name="mails")
    owner = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="outbox")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # Verbs that the reader may do from the letter: [verb, seat, acts so far]. The links are made when it is sent, so
    # that nobody who checks the outbox can follow them.
    offers = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    made_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(  # nobody where the installation sends by itself
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="mails_approved"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)  # when the last attempt to send began
    attempts = models.PositiveSmallIntegerField(default=0)  # since it was approved
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "made_at"], name="mail_state")]

    def __str__(self) -> str:
        return self.subject


class Follow(models.Model):
    """订阅: a person watches a case and is told of every act on it, or a saved search and is told of what is new.

    ``search``: what is searched and how, as its surface reads it: {"of": …, "values": {…}}; ``name``: what the person
    calls it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="follows")
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="followers")
    name = models.CharField(max_length=80, blank=True)
    search = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "case"], name="follow_case_once"),
            models.UniqueConstraint(
                fields=["person", "name"], condition=Q(case__isnull=True), name="follow_name_once"
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False, search__isnull=True, name="")
                | Q(case__isnull=True, search__isnull=False) & ~Q(name=""),
                name="follow_case_or_search",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="follow_searches", condition=Q(case__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.case_id or self.name}"


class Refusal(models.Model):
    """A refused attempt (house rule 3): who tried what on which case and which reasons were given."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="refusals")
    verb = models.CharField(max_length=40)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    codes = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="refusal_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb} {self.codes}"
