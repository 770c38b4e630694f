import json
import logging

import pytest
from django.urls import path

from socialnet.logs import JSONFormatter


def formatted(**extra):
    record = logging.makeLogRecord(
        {"name": "socialnet", "msg": "hello", "levelname": "INFO", **extra}
    )
    return json.loads(JSONFormatter().format(record))


def test_record_has_extra_fields():
    line = formatted(status=200)
    assert (line["event"], line["status"], line["level"]) == ("hello", 200, "info")


def test_exception_is_logged_without_message():
    try:
        raise ValueError("ana@example.org")
    except ValueError as error:
        line = formatted(exc_info=(type(error), error, error.__traceback__))
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["places"][0]
    assert "ana@example.org" not in json.dumps(line)


@pytest.mark.django_db
def test_request_is_logged_by_route(client, caplog):
    with caplog.at_level("INFO", logger="socialnet.request"):
        client.get("/users/secret-name/?token=secret-token")
    records = [row for row in caplog.records if row.name == "socialnet.request"]
    line = JSONFormatter().format(records[-1])
    assert json.loads(line)["route"] == "users/<str:username>/"
    assert json.loads(line)["status"] == 404
    assert "secret" not in line


def broken(request):
    raise ZeroDivisionError("ana@example.org")


urlpatterns = [path("broken/", broken)]


@pytest.mark.urls(__name__)
def test_view_exception_is_logged(client, caplog):
    client.raise_request_exception = False
    answer = client.get("/broken/")
    (record,) = [row for row in caplog.records if row.exc_info]
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.content.decode()
    line = JSONFormatter().format(record)
    assert json.loads(line)["exception"] == "ZeroDivisionError"
    assert "ana@example.org" not in line


@pytest.mark.django_db
def test_missing_page_logs_no_exception(client, caplog):
    client.get("/users/nobody/")
    assert not [row for row in caplog.records if row.exc_info]
