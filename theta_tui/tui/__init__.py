"""The console: the only room that speaks Textual."""
