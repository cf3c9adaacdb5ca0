-- One real loop, copied so many times, each copy a little older. Names in braces are filled in by crowd.py.
-- What is being worked on stays few, as in life; so do a small department and a rare source.
CREATE TEMP TABLE n ON COMMIT DROP AS SELECT g, now() - g * interval '40 minutes' AS at,
        CASE WHEN g % 500 = 0 THEN {small} ELSE {department} END AS department,
        CASE WHEN g % 5000 = 0 THEN 'rare' ELSE 'bulk' END AS source
    FROM generate_series(1, {rows}) AS g;
INSERT INTO feedback_customer (id, source, external_id, name, language, time_zone, created_at)
    SELECT 1000000 + g, source, g::text, 'Name ' || g, 'en', '', at FROM n;
INSERT INTO feedback_contact (id, customer_id, channel, address, digest, created_at)
    SELECT 1000000 + g, 1000000 + g, 'email', g || '@home.example', sha256(g::text::bytea), at FROM n;
INSERT INTO feedback_staffidentity (id, source, external_id, user_id, first_seen_at)
    SELECT 1000000 + g, source, g::text, CASE WHEN g = 8 THEN {server} END, at FROM n WHERE g <= 20000;
INSERT INTO feedback_departmentalias (id, slug, department_id, first_seen_at)
    SELECT 1000000 + g, 'name-' || g, CASE WHEN g % 2 = 0 THEN {small} END, at FROM n WHERE g <= 20000;
INSERT INTO feedback_case (id, source, external_id, customer_id, status, created_at, updated_at, resolved_at,
        department_slug, product, order_ref, channel, subject, resolution_text, department_id, served_by_id)
    SELECT 1000000 + g, source, g::text, 1000000 + g, CASE WHEN g % 100 = 1 THEN 'open' ELSE 'resolved' END, at, at, at,
        'name-' || g % 1000, 'Washer ' || g % 20, 'O-' || g, CASE WHEN g % 3 = 0 THEN 'phone' ELSE 'chat' END,
        'Subject ' || g, '', department, 1000001 + g % 200 FROM n;
INSERT INTO feedback_caseevent (id, case_id, received_at, status, digest, payload)
    SELECT 1000000 + g, 1000000 + g, at, 'resolved', sha256(g::text::bytea), '{{"status": "resolved"}}'::jsonb FROM n
    UNION ALL SELECT 3000000 + g, 1000000 + g, at, 'resolved', sha256(('again' || g)::bytea), '{{"status": "resolved"}}'::jsonb
    FROM n WHERE g <= 20000;
INSERT INTO feedback_resolution (id, case_id, event_id, resolved_at, reopened_at, created_at, department_slug, product,
        order_ref, channel, subject, resolution_text, department_id, served_by_id)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, at, CASE WHEN g % 1000 = 2 THEN at END, at, 'name-' || g % 1000,
        'Washer ' || g % 20, 'O-' || g, CASE WHEN g % 3 = 0 THEN 'phone' ELSE 'chat' END, 'Subject ' || g, '', department,
        1000001 + g % 200 FROM n
    UNION ALL SELECT 3000000 + g, 1000000 + g, 3000000 + g, at, NULL, at, '', '', '', '', '', '', department, NULL
    FROM n WHERE g <= 20000;
INSERT INTO feedback_link (id, purpose, customer_id, created_at)
    SELECT 1000000 + g, 'survey', 1000000 + g, at FROM n UNION ALL SELECT 2000000 + g, 'page', 1000000 + g, at FROM n;
INSERT INTO feedback_link (id, purpose, customer_id, contact_id, created_at)
    SELECT 3000000 + g, 'opt_out', 1000000 + g, 1000000 + g, at FROM n;
INSERT INTO feedback_message (id, send_key, purpose, channel, customer_id, contact_id, address, digest, language, subject,
        text, html, link_id, opt_out_id, state, reason, detail, created_at, due_at, attempts, deferrals, settled_at,
        provider_id, delivery)
    SELECT 1000000 + g, 'bulk:' || g, 'survey', 'email', 1000000 + g, 1000000 + g, g || '@home.example',
        sha256(g::text::bytea), 'en', 'Subject', '%%link%%', '', 1000000 + g, 3000000 + g,
        CASE WHEN g % 5000 = 9 THEN 'in_doubt' WHEN g % 100 = 9 THEN 'refused' WHEN g % 100 = 8 THEN 'cancelled'
            WHEN g <= 20 THEN 'queued' ELSE 'accepted' END,
        CASE WHEN g % 5000 <> 9 AND g % 100 = 8 THEN 'reopened' ELSE '' END, '', at, at, 1, 0,
        CASE WHEN g > 20 THEN at END, 'p-' || g, CASE WHEN g % 1000 = 4 THEN 'bounced' ELSE 'delivered' END FROM n;
INSERT INTO feedback_message (id, send_key, purpose, channel, staff_id, address, digest, language, subject, text, html,
        state, reason, detail, created_at, due_at, attempts, deferrals, settled_at, provider_id, delivery)
    SELECT 3000000 + g, 'notice:' || 1000000 + g || ':{owner}:1', 'notice', 'email', {owner}, 'owner@office.example',
        sha256('owner'::bytea), 'en', 'Yours', '', '', 'accepted', '', '', at, at, 1, 0, at, '', '' FROM n WHERE g <= 50000;
INSERT INTO feedback_deliveryevent (id, message_id, backend, event_id, provider_id, kind, received_at, raw)
    SELECT 1000000 + g, 1000000 + g, 'smtp', g::text, 'p-' || g, 'delivered', at, '{{}}' FROM n;
INSERT INTO feedback_suppression (id, digest, scope, cause, created_at)
    SELECT 1000000 + g, sha256(('gone' || g)::bytea), 'surveys', 'opt_out', at FROM n;
INSERT INTO feedback_idempotencykey (id, user_id, key, fingerprint, created_at, answered_at, status, answer)
    SELECT 1000000 + g, {owner}, g::text, sha256(''::bytea), now() - g * interval '1 second', now(), 200, '{{}}' FROM n;
INSERT INTO feedback_misswindow (client, started_at, misses) SELECT sha256(g::text::bytea), now(), 1 FROM n;
INSERT INTO surveys_invitation (id, resolution_id, customer_id, version_id, state, reason, send_at, link_id, message_id,
        created_at)
    SELECT 1000000 + 2 * g, 1000000 + g, 1000000 + g, {version}, 'asked', '', at, 1000000 + g, 1000000 + g, at FROM n;
INSERT INTO surveys_invitation (id, resolution_id, customer_id, state, reason, created_at)
    SELECT 1000001 + 2 * g, 3000000 + g, 1000000 + g, 'skipped', CASE WHEN g % 2000 = 0 THEN 'staff' ELSE 'paused' END, at
    FROM n WHERE g <= 20000;
INSERT INTO surveys_response (id, invitation_id, version_id, customer_id, link_id, language, created_at, changed_at)
    SELECT 1000000 + g, 1000000 + 2 * g, {version}, 1000000 + g, 2000000 + g, 'en', at, at FROM n;
INSERT INTO surveys_answer (id, response_id, question_id, chosen, words, negative, hazard, answered_at)
    SELECT 1000000 + g, 1000000 + g, {question}, '{{no}}', '', 'outcome_negative', false, at FROM n;
INSERT INTO followups_followup (id, response_id, customer_id, department_id, assignee_id, status, severity, opened_at,
        next_due_at, told_at, withdrawn_reason)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, department, CASE WHEN g % 500 = 0 THEN {server} ELSE {owner} END,
        CASE WHEN g <= 100 THEN 'open' WHEN g <= 200 THEN 'working' WHEN g <= 300 THEN 'told' WHEN g % 100 = 3 THEN 'withdrawn'
            WHEN g % 10 = 1 THEN 'unconfirmed' ELSE 'confirmed' END,
        CASE WHEN g % 1000 = 5 THEN 'safety' ELSE 'normal' END, at, CASE WHEN g <= 200 THEN at + interval '1 day' END,
        CASE WHEN g > 200 THEN greatest(at, now() - interval '6 days') END,
        CASE WHEN g > 300 AND g % 100 = 3 THEN 'wish' ELSE '' END FROM n;
INSERT INTO followups_point (id, response_id, follow_up_id, key, title, about_person, status, routed_by, opened_at)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, 'unspecified', '', false,
        CASE WHEN g <= 200 THEN 'open' WHEN g <= 300 THEN 'told' ELSE 'fixed' END, 'case', at FROM n;
INSERT INTO followups_evidence (id, point_id, answer_id, reason) SELECT 1000000 + g, 1000000 + g, 1000000 + g, '' FROM n;
INSERT INTO followups_words (id, response_id, text, written_at) SELECT 1000000 + g, 1000000 + g, 'w', at FROM n;
INSERT INTO followups_journalentry (id, follow_up_id, kind, at, by, from_status, to_status, data)
    SELECT 1000000 + g, 1000000 + g, 'opened', at, 'system', '', '', '{{}}'::jsonb FROM n
    UNION ALL SELECT 2000000 + g, 1000000 + g, 'told', at, 'system', '', '', '{{"reply": 0}}'::jsonb FROM n WHERE g > 200;
INSERT INTO followups_promise (id, follow_up_id, kind, made_at, due_at, state, settled_at)
    SELECT 1000000 + g, 1000000 + g, 'other', at, at, 'kept', at FROM n;
INSERT INTO followups_reply (id, follow_up_id, author_id, posted_at, message_id)
    SELECT 1000000 + g, 1000000 + g, {owner}, at, NULL FROM n WHERE g > 200;
INSERT INTO followups_replypart (id, reply_id, point_id, found, did, changes)
    SELECT 1000000 + g, 1000000 + g, 1000000 + g, 'f', 'd', 'c' FROM n WHERE g > 200;
INSERT INTO followups_verdict (id, part_id, word, said_at) SELECT 1000000 + g, 1000000 + g, 'fixed', at FROM n WHERE g > 300;
