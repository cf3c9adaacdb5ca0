"""Words that look like a placeholder of the outbox are words: they neither stop a message nor turn into links (R30)."""

import pytest

from feedback import outbox
from followups import messages
from tests.feedback.letters import customer, letter

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R30")]


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("mark", [outbox.OPT_OUT, f"%{outbox.OPT_OUT}%", f"%%{outbox.LINK}%", "%%%%link%%%%"])
def test_in_a_case_and_in_what_staff_wrote(channel, mark):
    to = customer()
    to.name = f"Li {mark}"
    words = messages.staff_written(
        channel, "en", customer=to, about=f"Kettle {mark}", text=f"See {mark} please"
    )
    for part in (words.subject, words.text, words.html):
        assert outbox.OPT_OUT not in part
    assert words.text.count(outbox.LINK) == 1
    sent = letter(channel, to=to, subject=words.subject, text=words.text, html=words.html)
    assert "http" not in outbox.rendered(sent).subject
