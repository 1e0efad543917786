"""Pages of reports, of follow-up, and of checklists as spreadsheets."""
