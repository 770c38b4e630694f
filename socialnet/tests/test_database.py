import pytest
from django.db import connection


@pytest.mark.django_db
def test_postgresql_jit_is_off():
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL compiles queries.")
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
