"""The visitor as a customer: a case of their own, posted through the API, for a person nobody simulates."""

import secrets

from feedback import clock
from feedback.demo import cast, people, setup
from feedback.demo.feeder import Desk
from feedback.models import Customer

REACHED = {"sms": "phone", "email": "email"}


class NotTaken(Exception):
    """The API did not take the case."""


def resolve_a_case(language: str, department: str, channel: str) -> Customer:
    """Post a resolved case for a new customer through the API, and return the customer.

    Args:
        language: a code of LANGUAGES.
        department: the slug of one of the demo's departments.
        channel: `sms` or `email`: how the customer can be reached.

    Raises:
        NotTaken: the API refused it or could not be reached.
    """
    team = next(team for team in (*cast.TEAMS, cast.ELSEWHERE) if team.slug == department)
    number = Customer.objects.filter(source=cast.VISITORS).count()
    name = f"visitor-{number}-{secrets.token_hex(3)}"
    # An address of their own: the same one would not be asked again for two weeks (R3).
    customer = people.person(name, number, language == "zh-hans", REACHED[channel], cast.VISITORS_AREAS)
    topic = team.topics["zh-hans" if language == "zh-hans" else "en"][0]
    now = clock.now().isoformat()
    case = {
        "source": cast.VISITORS,
        "external_id": name,
        "customer": customer.payload(),
        "subject": topic.subject,
        "department": team.slug,
        "product": team.product,
        "channel": "demo",
        "opened_at": now,
        "occurred_at": now,
        "status": "resolved",
        "resolved_at": now,
        "resolution": topic.resolution,
    }
    desk = Desk(setup.token())
    with desk.browser:
        answer = desk.browser.client.post(
            f"{desk.browser.base}/api/v1/cases/", json={key: value for key, value in case.items() if value}
        )
    if answer.status_code >= 400:
        raise NotTaken(answer.text[:500])
    return Customer.objects.get(source=cast.VISITORS, external_id=name)
