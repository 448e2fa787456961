"""Shapes: frozen pydantic classes, one file per domain; what the cloud says and what a command needs."""
