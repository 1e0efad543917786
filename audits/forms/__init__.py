"""Forms of audits, their teams, plans, checklists and findings."""
