"""What accounts tells other apps."""

from django.dispatch import Signal

# Sent inside the transaction of the act; sender=User, person=the person.
person_suspended = Signal()
person_lifted = Signal()

# Sent before these, and before a person is deleted; sender=User, person=the person. A receiver
# returns the keys of others whose rows it is going to change, so that all are locked in order.
person_concerned = Signal()

# Sent inside the transaction; sender=User, blocker and blocked are people.
person_blocked = Signal()

# Sent where an act of staff is recorded, before and after its entry (a LogEntry that also has the
# attributes `act`, `reason` and `changes`) is saved: the first at once, with entry; the second with
# all entries of the transaction so far, last of all (`accounts.staff.log_action`).
staff_acts = Signal()
staff_acted = Signal()
