"""What every app's ``api.py`` is made of: scope and rights, strict fields, versions, repeats, moves."""
