"""The audit log: who did what to which activity or reaction."""

from feedserver import conf, ids
from feedserver.expiry import drop_old
from feedserver.models import AuditEntry, Reaction
from feedserver.times import record_time

# Each time as many entries were written, twice as many may be dropped: so the log shrinks.
_WRITTEN = 100
CREATE, UPDATE, DELETE = "create", "update", "delete"


def record(action, rows):
    """Remember that `action` was done to `rows`, in the transaction in which it was.

    The one who did it is the activity's actor or the reaction's user: nobody else may, but a
    server, which acts for them.
    """
    if rows and conf.keeps_audit_log():
        entries = AuditEntry.objects.bulk_create([_entry(action, row) for row in rows])
        first, last = entries[0].pk, entries[-1].pk
        if (first - 1) // _WRITTEN != last // _WRITTEN:
            most = len(entries) + 2 * _WRITTEN
            drop_old(
                AuditEntry.objects.order_by("pk"), "created_at", days=conf.audit_days(), most=most
            )


def _entry(action, row):
    if isinstance(row, Reaction):
        entity, name, user_id = "reaction", row.name, row.user_id
    else:
        entity, name, user_id = "activity", ids.to_wire(row.pk), row.actor.removeprefix("SU:")
    return AuditEntry(entity_type=entity, entity_id=name, action=action, user_id=user_id[:255])


def render_entry(entry):
    return {
        "entity_type": entry.entity_type,
        "entity_id": entry.entity_id,
        "action": entry.action,
        "user_id": entry.user_id,
        "created_at": record_time(entry.created_at),
        "custom": {},
    }
