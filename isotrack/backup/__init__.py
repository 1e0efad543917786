"""Backups: the database first, then the files it names; everything counted, hashed and sealed; and the way back."""
