"""The limit to compare with: the same rows written by one SQL statement that knows one rule only.

It suspends every certificate that is due, because its open major was not closed by yesterday, and writes the event,
the counters and the two messages that the sweep writes. It is no part of the product.
"""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

STATEMENT = """
WITH due AS (
  SELECT row.id, row.organization_id, row.number, row.owner_id, row.moves, 'nc:' || nc.id AS nc,
         nc.due -> ('certificate:' || row.id) ->> 'closure' AS closure_on
  FROM certifications_certificate row
  JOIN LATERAL (
    SELECT nc.id, nc.due FROM nonconformities_nonconformitycertificate link
    JOIN nonconformities_nonconformity nc ON nc.id = link.nonconformity_id
    WHERE link.certificate_id = row.id AND nc.state = 'open' AND nc.grade = 'major' AND nc.source = 'body'
    ORDER BY nc.id LIMIT 1
  ) nc ON true
  WHERE row.next_due_on <= %(today)s AND row.status = 'active'
  ORDER BY row.next_due_on, row.id
  FOR UPDATE OF row SKIP LOCKED
), moved AS (
  UPDATE certifications_certificate row SET
    status = 'suspended',
    moves = due.moves || jsonb_build_array(jsonb_build_object('by', 'rule', 'to', 'suspended', 'date', %(today)s,
      'from', 'active', 'rule', 'nc.major.closure', 'reason', 'unresolved_nc', 'because', jsonb_build_array(due.nc))),
    flags = '["overdue"]',
    next_loss_on = %(limit)s,
    next_loss = jsonb_build_object('date', %(limit)s, 'rule', 'suspension', 'due_on', %(limit)s, 'reason',
      'unresolved_nc', 'remedy', 'get_plan_accepted', 'status', 'withdrawn', 'because', jsonb_build_array(due.nc),
      'follows', '[]'::jsonb, 'subject', due.nc),
    next_due_on = %(today)s::date + 6
  FROM due WHERE row.id = due.id
  RETURNING row.id, row.organization_id, row.number, row.owner_id, due.nc, due.closure_on
), counted AS (
  UPDATE records_eventcounter counter SET last_number = counter.last_number + one.moves
  FROM (SELECT organization_id, count(*) AS moves FROM moved GROUP BY organization_id) one
  WHERE counter.organization_id = one.organization_id
  RETURNING counter.organization_id, counter.last_number - one.moves AS before
), told AS (
  INSERT INTO records_event (organization_id, number, kind, subject_type, subject_id, subject_label, effective_on,
    recorded_at, actor_kind, actor_label, rule, reason, before, after, because, request_id, who_seal, what_seal,
    previous_hash, hash)
  SELECT moved.organization_id, counted.before + row_number() OVER (PARTITION BY moved.organization_id ORDER BY id),
    'certificate.suspended', 'certificate', moved.id, moved.number, %(today)s, %(moment)s, 'rule', 'Scheme rules',
    'nc.major.closure', 'unresolved_nc', '{"status": "active"}',
    '{"status": "suspended", "by": "rule", "reason": "unresolved_nc"}', jsonb_build_array(moved.nc), '', '', '', '', ''
  FROM moved JOIN counted ON counted.organization_id = moved.organization_id
)
INSERT INTO records_message (organization_id, key, kind, recipient_id, subject_type, subject_id, payload, late, state,
  attempts, created_at, next_at, lease_token, maybe_twice, last_error, mail_subject, mail_text, mail_html)
SELECT organization_id, told.key, told.kind, owner_id, 'certificate', id, told.payload, false, 'new', 0,
  %(moment)s::timestamptz, %(moment)s::timestamptz, '', false, '', '', '', ''
FROM moved, LATERAL (VALUES
  ('status', 'status:certificate:' || id || ':' || %(today)s || ':suspended:nc.major.closure:' || owner_id,
   jsonb_build_object('as', 'owner', 'move', jsonb_build_object('by', 'rule', 'to', 'suspended', 'date', %(today)s,
     'from', 'active', 'rule', 'nc.major.closure', 'reason', 'unresolved_nc', 'because', jsonb_build_array(nc)))),
  ('deadline', 'nc_closure:' || nc || ':' || closure_on || ':-1:' || owner_id,
   jsonb_build_object('as', 'owner', 'rule', 'nc.major.closure', 'due_on', closure_on, 'subject', nc,
     'deadline', 'nc_closure', 'days_before', -1))
) AS told(kind, key, payload)
ON CONFLICT DO NOTHING
"""


def run(today: date, moment: str) -> int:
    """Run the statement and commit; returns how many messages it wrote."""
    values = {"today": today.isoformat(), "limit": "2099-12-31", "moment": moment}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return int(cursor.rowcount)
