-- What each sweep writes when there is something to do, as one bare statement for all of it. %s is an array of ids.
-- surveys.tasks.sweep, resolutions
WITH r AS (
    SELECT r.id, c.customer_id, k.id AS contact_id, k.address, k.digest,
        nextval(pg_get_serial_sequence('feedback_link', 'id')) AS link_id,
        nextval(pg_get_serial_sequence('feedback_link', 'id')) AS opt_out_id,
        nextval(pg_get_serial_sequence('feedback_message', 'id')) AS message_id
    FROM feedback_resolution r JOIN feedback_case c ON c.id = r.case_id
    JOIN feedback_contact k ON k.customer_id = c.customer_id WHERE r.id = ANY(%s)
), link AS (
    INSERT INTO feedback_link (id, purpose, customer_id, contact_id, created_at)
    SELECT link_id, 'survey', customer_id, NULL, now() FROM r
    UNION ALL SELECT opt_out_id, 'opt_out', customer_id, contact_id, now() FROM r
), message AS (
    INSERT INTO feedback_message (id, send_key, purpose, channel, customer_id, contact_id, address, digest, language,
        subject, text, html, link_id, opt_out_id, state, reason, detail, created_at, due_at, attempts, deferrals,
        provider_id, delivery)
    SELECT message_id, 'survey:' || id, 'survey', 'email', customer_id, contact_id, address, digest, 'en', 's',
        repeat('w', 400), repeat('h', 2000), link_id, opt_out_id, 'queued', '', '', now(), now(), 0, 0, '', '' FROM r
)
INSERT INTO surveys_invitation (resolution_id, customer_id, version_id, state, reason, send_at, link_id, message_id,
    created_at)
SELECT id, customer_id, (SELECT max(id) FROM surveys_surveyversion), 'asked', '', now(), link_id, message_id, now() FROM r;
-- followups.tasks.sweep, answers
WITH a AS (
    SELECT a.id AS answer_id, p.id AS response_id, p.customer_id, d.id AS department_id, d.owner_id,
        nextval(pg_get_serial_sequence('followups_followup', 'id')) AS follow_up_id,
        nextval(pg_get_serial_sequence('followups_point', 'id')) AS point_id
    FROM surveys_answer a JOIN surveys_response p ON p.id = a.response_id
    JOIN surveys_invitation i ON i.id = p.invitation_id JOIN feedback_resolution r ON r.id = i.resolution_id
    JOIN feedback_department d ON d.id = r.department_id WHERE p.id = ANY(%s)
), f AS (
    INSERT INTO followups_followup (id, response_id, customer_id, department_id, assignee_id, status, severity,
        opened_at, next_due_at, notice_at, withdrawn_reason)
    SELECT follow_up_id, response_id, customer_id, department_id, owner_id, 'open', 'normal', now(), now(),
        now() + interval '5 minutes', '' FROM a
), p AS (
    INSERT INTO followups_point (id, response_id, follow_up_id, key, title, about_person, status, routed_by, opened_at)
    SELECT point_id, response_id, follow_up_id, 'unspecified', '', false, 'open', 'case', now() FROM a
), j AS (
    INSERT INTO followups_journalentry (follow_up_id, kind, at, by, point_id, from_status, to_status, data)
    SELECT follow_up_id, 'opened', now(), 'system', NULL, '', '', '{}'::jsonb FROM a
    UNION ALL SELECT follow_up_id, 'point_added', now(), 'customer', point_id, '', '', '{}'::jsonb FROM a
)
INSERT INTO followups_evidence (point_id, answer_id, reason) SELECT point_id, answer_id, '' FROM a;
-- followups.tasks.sweep, notices
WITH f AS (
    UPDATE followups_followup SET notice_at = NULL WHERE id = ANY(%s) RETURNING id, assignee_id
)
INSERT INTO feedback_message (send_key, purpose, channel, staff_id, address, digest, language, subject, text, html,
    state, reason, detail, created_at, due_at, attempts, deferrals, provider_id, delivery)
SELECT 'bench-notice:' || f.id || clock_timestamp(), 'notice', 'email', u.id, u.email, sha256(u.email::bytea), 'en', 's',
    repeat('w', 400), repeat('h', 2000), 'queued', '', '', now(), now(), 0, 0, '', ''
FROM f JOIN feedback_user u ON u.id = f.assignee_id;
-- followups.tasks.sweep, orphans
WITH f AS (
    UPDATE followups_followup AS f SET assignee_id = d.owner_id, notice_at = now() FROM feedback_department d
    WHERE f.id = ANY(%s) AND d.id = f.department_id RETURNING f.id, f.assignee_id
)
INSERT INTO followups_journalentry (follow_up_id, kind, at, by, from_status, to_status, data)
SELECT id, 'assigned', now(), 'system', '', '', jsonb_build_object('assignee', assignee_id) FROM f;
-- followups.tasks.close_silent
WITH f AS (
    UPDATE followups_followup SET status = 'unconfirmed' WHERE id = ANY(%s) RETURNING id
)
INSERT INTO followups_journalentry (follow_up_id, kind, at, by, from_status, to_status, data)
SELECT id, 'moved', now(), 'system', 'told', 'unconfirmed', '{}'::jsonb FROM f;
-- feedback.tasks.rescue
UPDATE feedback_message SET state = 'queued', lease_until = NULL, deferrals = deferrals + 1 WHERE id = ANY(%s);
