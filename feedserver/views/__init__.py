"""The views of the API: they read requests, authorize them and call the module of the subject."""
