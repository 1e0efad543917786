"""The pages of the history: filter, read, export, verify, choose what is signed."""
