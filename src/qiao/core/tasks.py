"""Who owes what by when: derived after every act, stored for lists and reminders only."""

from __future__ import annotations

from qiao.core.access import chain_state
from qiao.core.models import Case, Task
from qiao.core.process import Context, Verb, Who


def _owed(ctx: Context, verb: Verb, who: Who) -> list[Task]:
    due = min((d for d in (ctx.case.due_legal, ctx.case.due_internal) if d), default=None)
    made: list[Task] = []
    if who.party:
        done = {a.by.person_id for a in ctx.acts_this_round(verb.code) if a.by} if verb.once else set()
        for party in ctx.parties(who.party):
            if (
                party.person_id
                and party.person_id not in done
                and (not who.invited or party.state == "invited")
            ):
                made.append(
                    Task(case=ctx.case, verb=verb.code, person_id=party.person_id, due=due, since=ctx.at)
                )
        return made
    waiting: set[int] | None = None
    if found := ctx.kind.chain_of(verb.code):
        chain, n = found
        states = chain_state(ctx, chain)
        if any(not s.done for s in states[:n]):
            return []
        if states[n].done:
            return []
        waiting = set(states[n].missing_ids)
    done_orgs = {a.by.organisation_id for a in ctx.acts_this_round(verb.code) if a.by} if verb.once else set()
    for organisation in ctx.organisation_ids(who.of):
        if organisation in done_orgs or (waiting is not None and organisation not in waiting):
            continue
        made.append(
            Task(
                case=ctx.case,
                verb=verb.code,
                organisation_id=organisation,
                role=who.role,
                due=due,
                since=ctx.at,
            )
        )
    return made


def derive(ctx: Context) -> None:
    """Replace the case's tasks by what its stage, parties and chains say now. ``since`` of what stays is kept."""
    case: Case = ctx.case
    new: list[Task] = []
    if case.closed_at is None:
        for verb in ctx.kind.verbs_from(case.stage):
            if verb.duty and (verb.owed is None or verb.owed(ctx)):
                for who in verb.who:
                    if not who.timer:
                        new += _owed(ctx, verb, who)
    there = [] if len(ctx.acts()) == 1 else case.tasks.all()  # a case that begins has none
    old = {(t.verb, t.person_id, t.organisation_id, t.role): t for t in there}
    fresh = []
    for task in new:
        known = old.pop((task.verb, task.person_id, task.organisation_id, task.role), None)
        if known is None:
            fresh.append(task)
        elif known.due != task.due:
            known.due = task.due
            known.save(update_fields=["due"])
    if old:
        Task.objects.filter(pk__in=[t.pk for t in old.values()]).delete()
    Task.objects.bulk_create(fresh)
