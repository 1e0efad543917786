"""The API of audits: the audits themselves, teams and plans, checklists, findings."""
