"""Reports, made the way the site makes them."""

from accounts.tests.factories import UserFactory
from moderation import services


def make_report(thing, *, reporter=None, reason="spam", note=""):
    """Let somebody (a new person, if none is given) report `thing`; return the Report."""
    reporter = reporter or UserFactory()
    return services.report(reporter=reporter, thing=thing, reason=reason, note=note)
