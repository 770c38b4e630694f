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


def test_a_record_is_one_object_with_its_extra_fields():
    line = formatted(status=200)
    assert (line["event"], line["status"], line["level"]) == ("hello", 200, "info")


def test_an_exception_keeps_its_type_and_place_but_not_its_text():
    try:
        raise ValueError("ana@example.org")
    except ValueError as error:
        line = formatted(exc_info=(type(error), error, error.__traceback__))
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["places"][0]
    assert "ana@example.org" not in json.dumps(line)


@pytest.mark.django_db
def test_a_request_is_logged_by_route_and_never_by_path(client, caplog):
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
def test_what_breaks_a_page_is_logged_with_its_place_and_shown_to_nobody(client, caplog):
    client.raise_request_exception = False
    answer = client.get("/broken/")
    (record,) = [row for row in caplog.records if row.exc_info]
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.content.decode()
    line = JSONFormatter().format(record)
    assert json.loads(line)["exception"] == "ZeroDivisionError"
    assert "ana@example.org" not in line


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_no_error(client, caplog):
    client.get("/users/nobody/")
    assert not [row for row in caplog.records if row.exc_info]
