-- One real loop, copied so many times, each copy a little older. Names in braces are filled in by conftest.py.
CREATE TEMP TABLE n ON COMMIT DROP AS SELECT g, now() - g * interval '40 minutes' AS at FROM generate_series(1, {rows}) AS g;
INSERT INTO feedback_customer (id, source, external_id, name, language, time_zone, created_at)
    SELECT 1000000 + g, 'bulk', g::text, 'N', 'en', '', at FROM n;
INSERT INTO feedback_contact (id, customer_id, channel, address, digest, created_at)
    SELECT 1000000 + g, 1000000 + g, 'email', g || '@home.example', sha256(g::text::bytea), at FROM n;
INSERT INTO feedback_staffidentity (id, source, external_id, first_seen_at)
    SELECT 1000000 + g, 'bulk', g::text, at FROM n WHERE g <= 200;
INSERT INTO feedback_case (id, source, external_id, customer_id, status, created_at, updated_at, department_slug, product,
        order_ref, channel, subject, resolution_text, department_id, served_by_id)
    SELECT 1000000 + g, 'bulk', g::text, 1000000 + g, 'resolved', at, at, '', '', '', '', 'S', '', {department},
        1000001 + g % 200 FROM n;
INSERT INTO feedback_caseevent (id, case_id, received_at, status, digest, payload)
    SELECT 1000000 + g, 1000000 + g, at, 'resolved', sha256(g::text::bytea), '{{}}' FROM n;
INSERT INTO feedback_resolution (id, case_id, event_id, resolved_at, created_at, department_slug, product, order_ref,
        channel, subject, resolution_text, department_id, served_by_id)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, at, at, '', '', '', '', 'S', '', {department}, 1000001 + g % 200 FROM n;
INSERT INTO feedback_link (id, purpose, customer_id, created_at)
    SELECT 1000000 + g, 'survey', 1000000 + g, at FROM n UNION ALL SELECT 2000000 + g, 'page', 1000000 + g, at FROM n;
INSERT INTO feedback_message (id, send_key, purpose, channel, customer_id, contact_id, address, digest, language, subject,
        text, html, link_id, state, reason, detail, created_at, due_at, attempts, deferrals, settled_at, provider_id, delivery)
    SELECT 1000000 + g, 'bulk:' || g, 'survey', 'email', 1000000 + g, 1000000 + g, g || '@home.example',
        sha256(g::text::bytea), 'en', 's', '%%link%%', '', 1000000 + g, 'accepted', '', '', at, at, 1, 0, at, '', '' FROM n;
INSERT INTO surveys_invitation (id, resolution_id, customer_id, version_id, state, reason, send_at, link_id, message_id,
        created_at)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, {version}, 'asked', '', at, 1000000 + g, 1000000 + g, at FROM n;
INSERT INTO surveys_response (id, invitation_id, version_id, customer_id, link_id, language, created_at, changed_at)
    SELECT 1000000 + g, 1000000 + g, {version}, 1000000 + g, 2000000 + g, 'en', at, at FROM n;
INSERT INTO surveys_answer (id, response_id, question_id, chosen, words, negative, hazard, answered_at)
    SELECT 1000000 + g, 1000000 + g, {question}, '{{no}}', '', 'outcome_negative', false, at FROM n;
INSERT INTO followups_followup (id, response_id, customer_id, department_id, assignee_id, status, severity, opened_at,
        next_due_at, withdrawn_reason)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, {department}, {owner}, 'open', 'normal', at, at, '' FROM n;
INSERT INTO followups_point (id, response_id, follow_up_id, key, title, about_person, status, routed_by, opened_at)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, 'unspecified', '', false, 'fixed', 'case', at FROM n;
INSERT INTO followups_evidence (id, point_id, answer_id, reason) SELECT 1000000 + g, 1000000 + g, 1000000 + g, '' FROM n;
INSERT INTO followups_journalentry (id, follow_up_id, kind, at, by, from_status, to_status, data)
    SELECT 1000000 + g, 1000000 + g, 'opened', at, 'system', '', '', '{{}}'::jsonb FROM n
    UNION ALL SELECT 2000000 + g, 1000000 + g, 'told', at, 'system', '', '', '{{"reply": 0}}'::jsonb FROM n;
INSERT INTO followups_promise (id, follow_up_id, kind, made_at, due_at, state, settled_at)
    SELECT 1000000 + g, 1000000 + g, 'other', at, at, 'kept', at FROM n;
INSERT INTO followups_reply (id, follow_up_id, author_id, posted_at) SELECT 1000000 + g, 1000000 + g, {owner}, at FROM n;
INSERT INTO followups_replypart (id, reply_id, point_id, found, did, changes)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, 'f', 'd', 'c' FROM n;
INSERT INTO followups_verdict (id, part_id, word, said_at) SELECT 1000000 + g, 1000000 + g, 'fixed', at FROM n;
INSERT INTO followups_words (id, response_id, text, written_at) SELECT 1000000 + g, 1000000 + g, 'w', at FROM n;
