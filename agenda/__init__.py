"""Everything dated in one calendar: pages, and private addresses for calendar programs."""
