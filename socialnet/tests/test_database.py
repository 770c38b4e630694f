"""How the site's connections are set up."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_postgresql_compiles_no_query():
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL compiles queries.")
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
