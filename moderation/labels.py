"""How the log's codes read."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from accounts.staff import Act as StaffAct
from moderation.decisions import Act

# The admin's own, of what no reason is asked for.
ADMIN_ACTS = {"added": _("Added"), "changed": _("Changed")}
ACTS = {**ADMIN_ACTS, **dict(StaffAct.choices), **dict(Act.choices)}


def label_of_act(act):
    return ACTS.get(act, act)


def label_of_type(label):
    """Return what things of the model `label` are called; the label itself once it is gone."""
    try:
        return apps.get_model(label)._meta.verbose_name
    except (LookupError, ValueError):
        return label
