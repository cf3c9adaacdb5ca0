-- So many invitations that nobody has answered yet, from number {first} on, each with a customer, a case and links of its
-- own; and the same in the baseline's tables. Names in braces are filled in by ready.py.
INSERT INTO feedback_customer (id, source, external_id, name, language, time_zone, created_at)
    SELECT g, 'ready', g::text, 'Mei Lin', 'en', '', now() FROM {numbers};
INSERT INTO feedback_contact (id, customer_id, channel, address, digest, created_at)
    SELECT g, g, 'email', g || '@home.example', sha256(g::text::bytea), now() FROM {numbers};
INSERT INTO feedback_case (id, source, external_id, customer_id, status, created_at, updated_at, department_slug, product,
        order_ref, channel, subject, resolution_text, department_id)
    SELECT g, 'ready', g::text, g, 'resolved', now(), now(), '', '', '', '', 'Washing machine leaks', '', {department}
    FROM {numbers};
INSERT INTO feedback_caseevent (id, case_id, received_at, status, digest, payload)
    SELECT g, g, now(), 'resolved', sha256(g::text::bytea), '{{"status": "resolved"}}' FROM {numbers};
INSERT INTO feedback_resolution (id, case_id, event_id, resolved_at, created_at, department_slug, product, order_ref,
        channel, subject, resolution_text, department_id)
    SELECT g, g, g, now(), now(), '', '', '', '', 'Washing machine leaks', '', {department} FROM {numbers};
INSERT INTO feedback_link (id, purpose, customer_id, created_at, expires_at)
    SELECT g, 'survey', g, now(), now() + interval '14 days' FROM {numbers};
INSERT INTO surveys_invitation (id, resolution_id, customer_id, version_id, state, reason, send_at, link_id, created_at)
    SELECT g, g, g, {version}, 'asked', '', now(), g, now() FROM {numbers};
INSERT INTO baseline_case (id, source, external_id, subject, status, resolved_at, customer, email, language)
    SELECT g, 'ready', g::text, 'Washing machine leaks', 'resolved', now(), 'Mei Lin', g || '@home.example', 'en'
    FROM {numbers};
INSERT INTO baseline_link (id, purpose, expires_at) SELECT g, 'survey', now() + interval '14 days' FROM {numbers};
INSERT INTO baseline_invitation (id, case_id, survey_id, link_id, subject, state)
    SELECT g, g, {survey}, g, 'Washing machine leaks', 'asked' FROM {numbers};
