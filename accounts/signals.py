"""Signals that accounts sends to other apps."""

from django.dispatch import Signal

# Sent inside the transaction of the change; sender=User, person=the person.
person_suspended = Signal()
person_unsuspended = Signal()

# Sent before these, and before a person is deleted; sender=User, person=the person. A receiver
# returns the keys of other people whose rows it will change, so that all are locked in order.
collecting_lock_targets = Signal()

# Sent inside the transaction; sender=User, blocker and blocked are people.
person_blocked = Signal()

# Sent by `accounts.staff.log_action` for a LogEntry that also has the attributes `action`, `reason`
# and `changes`: the first at once, before the entry is saved, with `entry`; the second at the end
# of `logged_together`, with all its saved `entries`.
staff_action_taken = Signal()
staff_actions_logged = Signal()
