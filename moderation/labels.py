"""How the log's codes read."""

from django.apps import apps

from accounts.staff import StaffAction
from moderation.decisions import CaseAction

ACTS = {**dict(StaffAction.choices), **dict(CaseAction.choices)}


def label_of_act(act):
    return ACTS.get(act, act)


def label_of_type(label):
    """Return what things of the model `label` are called; the label itself once it is gone."""
    try:
        return apps.get_model(label)._meta.verbose_name
    except (LookupError, ValueError):
        return label
