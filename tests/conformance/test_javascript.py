"""Every public method of the official JavaScript client, with the secret and with user tokens."""


def test_javascript_tests_pass(javascript):
    run, _, _ = javascript
    assert run.returncode == 0, run.stdout + run.stderr


def test_both_kinds_of_tokens_used(javascript):
    _, records, _ = javascript
    assert {record.client for record in records} == {"secret", "user"}
