"""Cases that are there already become findable by the current text of their main paper."""

from django.db import migrations

from qiao.core.search import MAX_TEXT, grams

MAIN = {"proposal": "proposal", "suggestion": "proposal", "handling": "reply", "opinion": "opinion"}


def read(apps, schema_editor):
    version = apps.get_model("core", "Version").objects
    entries = apps.get_model("core", "SearchEntry").objects.filter(case__kind__in=MAIN)
    for entry in entries.select_related("case").iterator():
        papers = version.filter(paper__case=entry.case, paper__kind=MAIN[entry.case.kind])
        entry.text = (papers.order_by("-n").values_list("text", flat=True).first() or "")[:MAX_TEXT]
        if entry.text:
            entry.grams = grams(f"{entry.title}\n{entry.text}")
            entry.save(update_fields=["text", "grams"])


class Migration(migrations.Migration):
    dependencies = [("core", "0009_mail_approval")]
    operations = [migrations.RunPython(read, migrations.RunPython.noop)]
