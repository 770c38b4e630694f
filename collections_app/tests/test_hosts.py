import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from collections_app import hosts, services
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db


def add(author, host, count):
    collection = CollectionFactory(author=author)
    return [
        ContentFactory(collection=collection, url=f"https://{host}/{number}")
        for number in range(count)
    ]


def test_repeated_host_of_one_author_is_listed(ana, ben):
    add(ana, "shop.example", hosts.MIN_REPEATS)
    add(ana, "other.example", hosts.MIN_REPEATS - 1)
    add(ben, "shop.example", hosts.MIN_REPEATS - 1)
    expected = {
        "author": ana.pk,
        "username": "ana",
        "host": "shop.example",
        "links": hosts.MIN_REPEATS,
    }
    assert list(hosts.repeated_hosts()) == [expected]


def test_links_in_several_collections_count_together(ana):
    links = add(ana, "shop.example", 6) + add(ana, "www.shop.example", 6)
    assert set(hosts.links_to_repeated_hosts()) == set(links)
    add(ana, "other.example", 2)
    assert set(hosts.links_to_repeated_hosts()) == set(links)


def test_only_the_newest_links_are_looked_at(ana, ben):
    add(ana, "shop.example", hosts.MIN_REPEATS)
    assert hosts.repeated_hosts(newest=hosts.MIN_REPEATS)
    add(ben, "other.example", 1)
    assert not hosts.repeated_hosts(newest=hosts.MIN_REPEATS)
    assert not hosts.links_to_repeated_hosts(newest=hosts.MIN_REPEATS)
    assert hosts.repeated_hosts()


def test_changed_url_updates_host(link):
    texts = {"title": link.title, "description": ""}
    services.update_link(link=link, url="https://docs.example/", **texts)
    link.refresh_from_db()
    assert link.host == "docs.example"


def test_a_host_without_end_is_cut(db):
    labels = ".".join(["ü" * 40] * 6)
    link = ContentFactory(url=f"https://{labels}.example/")
    link.refresh_from_db()
    assert len(link.host) == 255


def test_migration_fills_hosts(link):
    fill = importlib.import_module("collections_app.migrations.0003_fill_host")
    for number in range(3):
        ContentFactory(url=f"https://www.host{number}.example/")
    Content.objects.update(host="")
    fill.fill_host(apps, SimpleNamespace(connection=connection), at_once=2)
    hosts_now = Content.objects.order_by("pk").values_list("host", flat=True)
    assert list(hosts_now) == ["python.org", "host0.example", "host1.example", "host2.example"]
