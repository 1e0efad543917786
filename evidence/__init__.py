"""Evidence: files kept by content hash outside the database, with who added, used and looked at them."""
