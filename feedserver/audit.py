"""The audit log: changes of activities and reactions, and who made them."""

from feedserver import conf, ids
from feedserver.expiry import delete_expired
from feedserver.models import AuditEntry, Reaction
from feedserver.times import record_time

# After so many entries up to twice as many expired ones are deleted, so that the log shrinks.
_CLEANUP_INTERVAL = 100
CREATE, UPDATE, DELETE = "create", "update", "delete"


def record(action, rows):
    """Record that `action` was done to `rows`, in the transaction of the change.

    The author is the activity's actor or the reaction's user: only they may make changes, or a
    server on their behalf.
    """
    if rows and conf.keeps_audit_log():
        entries = AuditEntry.objects.bulk_create([_entry(action, row) for row in rows])
        first, last = entries[0].pk, entries[-1].pk
        if (first - 1) // _CLEANUP_INTERVAL != last // _CLEANUP_INTERVAL:
            oldest_first = AuditEntry.objects.order_by("pk")
            limit = len(entries) + 2 * _CLEANUP_INTERVAL
            delete_expired(oldest_first, "created_at", days=conf.audit_days(), limit=limit)


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
