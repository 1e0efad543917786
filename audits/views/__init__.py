"""Pages of audits, their teams, plans, checklists and findings."""
