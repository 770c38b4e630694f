"""Ranked reads: configured names are accepted, but activities stay in the order of time."""

import json

from feedserver.errors import InvalidInput, UnknownRanking

VARIABLES = ("ranking_vars", "rankingVars")


def check_ranking(query, group):
    """Raise UnknownRanking for a name that is not configured, InvalidInput for bad variables."""
    name = query.get("ranking")
    if name and name not in group.rankings:
        raise UnknownRanking(f"The ranking '{name}' is not configured for '{group.slug}'.")
    for parameter in VARIABLES:
        if query.get(parameter):
            _check_variables(query[parameter], parameter)


def _check_variables(text, field):
    try:
        variables = json.loads(text)
    except (ValueError, RecursionError):
        variables = None
    if not isinstance(variables, dict):
        raise InvalidInput(f"'{field}' must be a JSON object.", field=field)
