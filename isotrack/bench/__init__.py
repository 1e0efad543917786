"""What the sweep costs beside a bare SQL statement: `make bench`."""
