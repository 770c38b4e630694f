"""Reports, made the way the site makes them."""

from accounts.tests.factories import UserFactory
from moderation import services


def make_report(target, *, reporter=None, reason="spam", note=""):
    """Let somebody (a new person, if none is given) report `target`; return the Report."""
    reporter = reporter or UserFactory()
    return services.report(reporter=reporter, target=target, reason=reason, note=note)
