"""One real complaint among a hundred thousand others, nearly all of them over."""

from pathlib import Path

from django.db import connection

from feedback.models import DepartmentAlias, Message
from feedback.models.staff import Role
from followups.models import FollowUp
from tests import factories

ROWS = 100_000
COPIES = Path(__file__).with_name("crowd.sql").read_text()

GROWING = (
    "feedback_case",
    "feedback_caseevent",
    "feedback_contact",
    "feedback_customer",
    "feedback_deliveryevent",
    "feedback_departmentalias",
    "feedback_idempotencykey",
    "feedback_link",
    "feedback_message",
    "feedback_misswindow",
    "feedback_resolution",
    "feedback_staffidentity",
    "feedback_suppression",
    "followups_evidence",
    "followups_followup",
    "followups_journalentry",
    "followups_point",
    "followups_promise",
    "followups_reply",
    "followups_replypart",
    "followups_verdict",
    "followups_words",
    "surveys_answer",
    "surveys_invitation",
    "surveys_response",
)


class Crowd:
    """``follow_up`` is the real one; its department has nearly all of the others, ``small`` a few."""

    def __init__(self) -> None:
        department = factories.DepartmentFactory(slug="large")
        self.small = factories.DepartmentFactory(slug="small")
        asked = factories.invitation(department=department, case__department=department)
        response = factories.answer(asked, outcome="no", reasons=["charge"], words="Nobody called.")
        self.follow_up: FollowUp = response.follow_ups.get()
        self.owner = self.follow_up.assignee
        self.manager = factories.UserFactory(roles=[Role.MANAGER])
        self.server = factories.UserFactory(roles=[Role.MANAGER])
        copies = COPIES.format(
            rows=ROWS,
            department=self.follow_up.department_id,
            small=self.small.pk,
            owner=self.owner.pk,
            server=self.server.pk,
            version=response.version_id,
            question=response.answers.first().question_id,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Without triggers and foreign keys, which would look at each row by itself.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in copies.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            cursor.execute("ANALYZE")
            # As for every disk that does not turn (docs/operate.md). By default a look-up is taken to be so dear that
            # at this size a table of narrow rows is rather read whole than looked into a few hundred times.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
            # Or a scan would begin where the one before it stopped, and what it reads be a matter of chance.
            cursor.execute("SET LOCAL synchronize_seqscans = off")

    @property
    def in_doubt(self) -> Message:
        return Message.objects.filter(state="in_doubt")[0]

    @property
    def alias(self) -> DepartmentAlias:
        return DepartmentAlias.objects.get(slug="name-7")
