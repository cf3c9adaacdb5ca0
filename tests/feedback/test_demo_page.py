"""/demo/: there only in the demo, complete without a script, and open to nothing else."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from feedback import first_start, links
from feedback.demo import cast, setup, visitor
from feedback.models import Message
from feedback.models.links import Purpose
from feedback.models.messages import Purpose as For
from feedback.models.messages import State
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    setup.ensure()
    first_start.ensure()
    setup.ensure_upper_rows()
    return Client(enforce_csrf_checks=True)


def sent(channel: str, text: str = "Was it solved? %%link%%", **of_message) -> Message:
    address = "+12125550101" if channel == "sms" else "zoe@example.com"
    customer = CustomerFactory(source=cast.SOURCE, external_id=f"Caller {address}", name="Zoe Adams")
    contact = customer.contacts.create(channel=channel, address=address, digest=b"x" * 32)
    link = links.issue(Purpose.SURVEY, customer)
    return Message.objects.create(
        send_key=f"survey:{customer.pk}",
        purpose=For.SURVEY,
        channel=channel,
        customer=customer,
        contact=contact,
        address=address,
        digest=b"x" * 32,
        language="en",
        text=text,
        link=link,
        state=State.ACCEPTED,
        settled_at=link.created_at,
        **of_message,
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/demo/"),
        ("get", "/demo/state/"),
        ("get", "/demo/phone/1/"),
        ("get", "/demo/mailbox/1/"),
        ("get", "/demo/mail/1/"),
        ("post", "/demo/sign-in/"),
        ("post", "/demo/resolve/"),
    ],
)
def test_without_demo_nothing_of_it_is_there(client, settings, method, path):
    settings.DEMO = False
    assert getattr(client, method)(path).status_code == 404


def test_the_page_shows_the_loop_the_doors_and_what_is_real(demo):
    page = demo.get("/demo/").content.decode()
    for words in (
        'data-count="resolutions"',
        'data-count="confirmed"',
        "CC BY 4.0",
        "Apache-2.0",
        "Amaral",
        setup.token(),
        cast.PASSWORD,
        "/api/docs/",
        "/health/ready",
        "Kitchen",
    ):
        assert words in page


def test_the_page_speaks_chinese(demo):
    page = demo.get("/demo/", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans">' in page
    assert "厨房" in page


def test_the_policy_lets_in_our_own_script_and_nothing_else(demo):
    policy = demo.get("/demo/")["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_the_phone_shows_text_messages_with_links_that_work(demo):
    message = sent("sms")
    page = demo.get(f"/demo/phone/{message.customer_id}/").content.decode()
    assert f'<a href="{links.url(message.link, "sms")}">' in page
    assert demo.get("/demo/").content.decode().count(f"/demo/phone/{message.customer_id}/") >= 1


def test_the_mailbox_shows_emails_as_they_were_sent(demo):
    html = "<html><head><style>p{color:red}</style></head><body><a href='%%link%%'>Answer</a></body></html>"
    message = sent("email", subject="Was it solved?", html=html)
    inbox = demo.get(f"/demo/mailbox/{message.customer_id}/").content.decode()
    assert "Was it solved?" in inbox and reverse("demo:mail", args=[message.pk]) in inbox
    mail = demo.get(f"/demo/mail/{message.pk}/")
    assert links.url(message.link, "email") in mail.content.decode()
    assert "script-src 'none'" in mail["Content-Security-Policy"]
    assert "default-src 'none'" in mail["Content-Security-Policy"]


def test_an_email_without_html_is_shown_as_text(demo):
    message = sent("email", text="a < b %%link%%")
    assert "a &lt; b" in demo.get(f"/demo/mail/{message.pk}/").content.decode()


def test_customers_who_are_none_of_the_demos_are_not_shown(demo):
    other = CustomerFactory(source="elsewhere", external_id="7")
    assert demo.get(f"/demo/phone/{other.pk}/").status_code == 404
    assert demo.get(f"/demo/mailbox/{other.pk}/").status_code == 404


@pytest.mark.parametrize("wanted", ["phone=x", "phone=999999999999999999999&mail=-1", "mail=%00", "phone=٣"])
def test_an_odd_address_shows_somebody_else(demo, wanted):
    assert demo.get(f"/demo/?{wanted}").status_code == 200
    assert demo.get(f"/demo/state/?{wanted}").status_code == 200


def test_the_script_is_told_what_changed(demo):
    message = sent("sms")
    state = json.loads(demo.get(f"/demo/state/?phone={message.customer_id}").content)
    assert state["newest"] == {"phone": message.pk, "mail": 0}
    assert "resolutions" in state["counts"]
    assert "Zoe Adams" in state["people"]


def press(demo: Client, path: str, **fields: str):
    token = demo.get("/demo/").context["csrf_token"]
    return demo.post(path, {**fields, "csrfmiddlewaretoken": str(token)})


@pytest.mark.parametrize("who", ["manager", "marco"])
def test_one_press_signs_in(demo, who):
    answer = press(demo, "/demo/sign-in/", **{"as": who})
    assert answer["Location"] == "/admin/"
    assert demo.get("/admin/").status_code == 200


@pytest.mark.parametrize("who", [cast.INTEGRATION, "nobody", ""])
def test_nobody_else_is_signed_in(demo, who):
    press(demo, "/demo/sign-in/", **{"as": who})
    assert demo.get("/admin/").status_code == 302


def test_signing_in_needs_a_form_of_ours(demo):
    assert demo.post("/demo/sign-in/", {"as": "manager"}).status_code == 403


def test_a_case_for_the_visitor_leads_to_their_own_screen(demo, monkeypatch):
    customer = CustomerFactory(source=cast.VISITORS, external_id="visitor-0")
    asked = []
    monkeypatch.setattr(visitor, "resolve_a_case", lambda *wanted: asked.append(wanted) or customer)
    answer = press(demo, "/demo/resolve/", language="zh-hans", department="kitchen", channel="email")
    assert asked == [("zh-hans", "kitchen", "email")]
    assert answer["Location"] == f"/demo/?mail={customer.pk}#screens"


@pytest.mark.parametrize(
    "wrong", [{"language": "xx"}, {"department": "moon"}, {"channel": "owl"}, {"language": ""}]
)
def test_a_case_that_makes_no_sense_is_refused_in_words(demo, wrong):
    fields = {"language": "en", "department": "kitchen", "channel": "sms"} | wrong
    assert press(demo, "/demo/resolve/", **fields)["Location"] == "/demo/"
    assert "Please choose a language" in demo.get("/demo/").content.decode()
