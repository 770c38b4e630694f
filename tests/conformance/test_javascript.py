"""Every public method of the official JavaScript client, with the secret and with user tokens."""


def test_the_tests_in_javascript_pass(javascript):
    run, _, _ = javascript
    assert run.returncode == 0, run.stdout + run.stderr


def test_with_each_kind_of_token_something_was_called(javascript):
    _, records, _ = javascript
    assert {record.client for record in records} == {"secret", "user"}
