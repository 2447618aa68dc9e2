"""The pages of docs/ that are made by a command, each by a module."""
