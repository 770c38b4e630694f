"""Labels of the codes in the log."""

from django.apps import apps

from accounts.staff import StaffAction
from moderation.decisions import CaseAction

ACTION_LABELS = {**dict(StaffAction.choices), **dict(CaseAction.choices)}


def action_label(action):
    return ACTION_LABELS.get(action, action)


def model_label(label):
    """Return the verbose name of the model `label`, or `label` if there is no such model."""
    try:
        return apps.get_model(label)._meta.verbose_name
    except (LookupError, ValueError):
        return label
