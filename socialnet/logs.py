"""Structured logs: one JSON object a line, with no address, token or message in any of them."""

import json
import logging
import traceback
from datetime import UTC, datetime

# What every LogRecord has; everything else came in through `extra=`.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


class JSONFormatter(logging.Formatter):
    """Format a record and its `extra` fields as one JSON object.

    Of an exception the type and the places are kept, never its text: that may quote what a
    person typed.
    """

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["places"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, default=str)


def configure_logging(*, level):
    """Return the LOGGING setting: everything of `level` and above to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "socialnet.logs.JSONFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            **{
                name: {"handlers": ["stderr"], "level": level, "propagate": False}
                for name in ("socialnet", "accounts", "collections_app", "feeds", "feedserver")
            },
            # Its lines quote the path, which may hold a confirmation key; `RequestLogMiddleware`
            # writes the same event by route.
            "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "django.security": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
