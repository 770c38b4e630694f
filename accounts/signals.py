"""What accounts tells other apps."""

from django.dispatch import Signal

# Sent inside the transaction of the act; sender=User, person=the person.
person_suspended = Signal()
person_lifted = Signal()

# Sent inside the transaction; sender=User, blocker and blocked are people.
person_blocked = Signal()
