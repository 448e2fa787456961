"""Chats beyond the store, for every face: files that go with questions, exports and imports. It knows no screen."""
