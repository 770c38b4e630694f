"""An app that adds a verb, to show that its model, signals, migration and templates are enough."""
