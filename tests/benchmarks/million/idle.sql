-- What each sweep looks for, as bare statements: {since} is how far back it looks.
-- surveys.tasks.sweep
SELECT r.id FROM feedback_resolution r LEFT JOIN surveys_invitation i ON i.resolution_id = r.id
    WHERE i.id IS NULL AND r.created_at >= {since} ORDER BY r.created_at, r.id LIMIT 500;
SELECT i.resolution_id FROM surveys_invitation i JOIN feedback_resolution r ON r.id = i.resolution_id
    JOIN feedback_message m ON m.id = i.message_id
    WHERE i.state = 'asked' AND i.created_at >= {since} AND r.reopened_at IS NOT NULL
    AND m.state IN ('queued', 'claimed') LIMIT 500;
SELECT i.message_id FROM surveys_invitation i JOIN feedback_message m ON m.id = i.message_id
    WHERE i.state = 'asked' AND i.created_at >= {since} AND m.state = 'cancelled'
    AND NOT EXISTS (SELECT FROM surveys_response p WHERE p.invitation_id = i.id) LIMIT 500;
-- followups.tasks.sweep
SELECT a.response_id FROM surveys_answer a LEFT JOIN followups_evidence e ON e.answer_id = a.id
    WHERE e.id IS NULL AND a.negative <> '' AND a.answered_at >= {since} ORDER BY a.answered_at LIMIT 500;
SELECT r.message_id FROM followups_reply r JOIN followups_followup f ON f.id = r.follow_up_id
    JOIN feedback_message m ON m.id = r.message_id
    WHERE f.status = 'working' AND m.state IN ('accepted', 'refused', 'cancelled')
    AND NOT EXISTS (SELECT FROM followups_reply n WHERE n.follow_up_id = r.follow_up_id AND n.id > r.id)
    AND NOT EXISTS (SELECT FROM followups_journalentry j WHERE j.follow_up_id = r.follow_up_id AND j.kind = 'told'
        AND (j.data ->> 'reply')::bigint = r.id)
    ORDER BY r.id LIMIT 500;
SELECT f.id FROM followups_followup f LEFT JOIN feedback_user u ON u.id = f.assignee_id
    JOIN surveys_response p ON p.id = f.response_id JOIN surveys_invitation i ON i.id = p.invitation_id
    JOIN feedback_resolution r ON r.id = i.resolution_id LEFT JOIN feedback_staffidentity s ON s.id = r.served_by_id
    WHERE f.status IN ('open', 'working', 'told')
    AND (f.assignee_id IS NULL OR NOT u.is_active OR s.user_id = f.assignee_id) ORDER BY f.response_id, f.id;
SELECT id FROM followups_followup WHERE notice_at <= now() ORDER BY notice_at, id LIMIT 200 FOR UPDATE SKIP LOCKED;
-- followups.tasks.close_silent
SELECT id FROM followups_followup WHERE status = 'told' AND told_at <= now() - interval '7 days'
    ORDER BY told_at, id LIMIT 200;
-- feedback.tasks.send_due
SELECT id FROM feedback_message WHERE state = 'queued' AND due_at <= now() AND channel = 'email'
    ORDER BY due_at, id LIMIT 100 FOR UPDATE SKIP LOCKED;
SELECT id FROM feedback_message WHERE state = 'queued' AND due_at <= now() AND channel = 'sms'
    ORDER BY due_at, id LIMIT 100 FOR UPDATE SKIP LOCKED;
-- feedback.tasks.rescue
SELECT id FROM feedback_message WHERE state = 'claimed' AND lease_until <= now() ORDER BY id FOR UPDATE SKIP LOCKED;
SELECT id FROM feedback_message WHERE state = 'calling' AND lease_until <= now() ORDER BY id FOR UPDATE SKIP LOCKED;
SELECT id FROM feedback_message WHERE state = 'in_doubt' AND resend_at <= now() ORDER BY id FOR UPDATE SKIP LOCKED;
SELECT provider_id FROM feedback_deliveryevent WHERE message_id IS NULL AND provider_id <> ''
    AND received_at > now() - interval '1 hour';
-- feedback.tasks.clean
DELETE FROM feedback_idempotencykey WHERE created_at < now() - interval '48 hours';
DELETE FROM feedback_misswindow WHERE started_at <= now() - interval '10 minutes';
