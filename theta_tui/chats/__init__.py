"""What a chat is for every face: partner, options, thread, files, record, exports, imports. It knows no screen."""
