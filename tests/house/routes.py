"""Every address of the project and who gets what there, written out by hand from DESIGN 9 "Roles", R13 and R39.

Nothing in here asks ``feedback.access``: this is what it is compared with. A new address needs a line in ``ROUTES``.
"""

from dataclasses import dataclass

# -- Who

PLACES = frozenset({"owner", "deputy", "head", "member"})
"""Everybody of the department alpha. ``other_owner`` is beta's."""
MANAGERS = frozenset({"manager", "everything"})
DESK = MANAGERS | PLACES | {"other_owner", "safety_owner", "executive"}
INTAKE = MANAGERS | {"integration"}
SIGNED_IN = DESK | {"superuser", "integration", "nobody"}
EVERYBODY = SIGNED_IN | {"left", "anonymous"}
NOBODY: frozenset[str] = frozenset()

# -- What

ALL_FOLLOW_UPS = frozenset(
    {
        "alpha/alpha",
        "beta/beta",
        "again/beta",
        "both/alpha",
        "both/beta",
        "safety/beta",
        "served/alpha",
        "escalated/beta",
    }
)
FOLLOW_UPS = {
    **dict.fromkeys(MANAGERS, ALL_FOLLOW_UPS),
    **dict.fromkeys(PLACES, frozenset({"alpha/alpha", "both/alpha", "served/alpha"})),
    "other_owner": frozenset({"beta/beta", "again/beta", "both/beta", "safety/beta", "escalated/beta"}),
    "safety_owner": frozenset({"safety/beta", "served/alpha"}),
    "executive": frozenset({"escalated/beta"}),
}
"""Which follow-ups are there for whom. Whoever served finds ``served/alpha`` nowhere, whatever they are."""

ALL_CASES = frozenset({"alpha", "beta", "again", "both", "safety", "served", "escalated"})
CASES = {
    **dict.fromkeys(MANAGERS, ALL_CASES),
    **dict.fromkeys(PLACES, frozenset({"alpha", "both", "served"})),
    "other_owner": frozenset({"beta", "again", "safety", "escalated"}),
}
"""Which cases are there for whom, with their resolutions, invitations and responses: those of one's departments."""


@dataclass(frozen=True)
class Route:
    """One address.

    Attributes:
        door: who is let in at all: ``desk`` sends strangers to the sign-in, ``api`` answers them 401, ``link`` and
            ``public`` know nobody; ``sign-in`` sends on who is in already.
        who: the people for whom the address is meant; the others get 403.
        get: what GET answers to them.
        rows: which planted rows the address's placeholder stands for: ``follow_up``, a story's ``case``,
            ``resolution``, ``invitation``, ``response``, ``message``, ``customer``, or any other row.
        post: who may POST there; to nobody else does a POST do anything.
        is_list: a list that can be searched, filtered and ordered by the address.
        customers: it shows customers as such; a manager who served one still finds name and address here (R13 is
            about what was said).
    """

    door: str
    who: frozenset[str] = EVERYBODY
    get: int = 200
    rows: str = ""
    post: frozenset[str] = NOBODY
    is_list: bool = False
    customers: bool = False


def _model(
    path: str,
    rows: str,
    who: frozenset[str] = MANAGERS,
    *,
    adds: bool = False,
    deletes: bool = False,
    customers: bool = False,
) -> dict[str, Route]:
    """The six addresses that the desk makes for a model. Only set-up can be added to, and one kind be deleted."""
    at, writers = f"admin/{path}/", who if adds else NOBODY
    return {
        at: Route("desk", who, is_list=True, post=who, customers=customers),
        f"{at}add/": Route("desk", who, 200 if adds else 403, post=writers),
        f"{at}<path:object_id>/change/": Route("desk", who, 200, rows, post=who, customers=customers),
        f"{at}<path:object_id>/history/": Route("desk", who, 200, rows, post=who, customers=customers),
        f"{at}<path:object_id>/delete/": Route(
            "desk", who, 200 if deletes else 403, rows, post=who if deletes else NOBODY
        ),
        # To the change page, whether there is such a row or not.
        f"{at}<path:object_id>/": Route("desk", DESK, 302, f"any {rows}", post=DESK),
    }


FOLLOW_UP_PAGES = _model("followups/followup", "follow_up", DESK) | {
    # The journal stands on the page itself.
    "admin/followups/followup/<path:object_id>/history/": Route("desk", DESK, 302, "follow_up", post=DESK),
    "admin/followups/followup/<path:object_id>/do/<slug:name>/": Route(
        "desk", DESK, 405, "follow_up", post=DESK
    ),
}

ROUTES: dict[str, Route] = {
    # The customer's pages: a link opens what it is for, whoever holds it.
    "s/<str:token>": Route("link", rows="survey", post=EVERYBODY),
    "o/<str:token>": Route("link", rows="opt_out", post=EVERYBODY),
    "f/<str:token>": Route("link", rows="page", post=EVERYBODY),
    # For everybody, and of nobody.
    "": Route("public", get=302, post=EVERYBODY),
    "health/live": Route("public", post=EVERYBODY),
    "health/ready": Route("public", get=503, post=EVERYBODY),
    "api/schema/": Route("public", post=EVERYBODY),
    "api/docs/": Route("public", post=EVERYBODY),
    # Without DEMO there is no demo.
    "demo/": Route("public", get=404),
    "demo/state/": Route("public", get=404),
    "demo/phone/<int:customer_id>/": Route("public", get=404, rows="customer"),
    "demo/mailbox/<int:customer_id>/": Route("public", get=404, rows="customer"),
    "demo/mail/<int:message_id>/": Route("public", get=404, rows="message"),
    "demo/language/": Route("public", get=404),
    "demo/sign-in/": Route("public", get=404),
    "demo/resolve/": Route("public", get=404),
    # The API.
    "api/v1/cases/": Route("api", DESK, post=INTAKE, is_list=True),
    "api/v1/cases/bulk/": Route("api", INTAKE, 405, post=INTAKE),
    "api/v1/resolutions/": Route("api", DESK, is_list=True),
    "api/v1/invitations/": Route("api", DESK, is_list=True),
    "api/v1/follow-ups/": Route("api", DESK, is_list=True),
    "api/v1/follow-ups/<int:pk>/": Route("api", DESK, 200, "follow_up"),
    "api/v1/follow-ups/<int:pk>/journal/": Route("api", DESK, 200, "follow_up"),
    "api/v1/pause/": Route("api", MANAGERS, post=MANAGERS),
    "api/v1/pause/end/": Route("api", MANAGERS, 405, post=MANAGERS),
    "api/v1/unknown-names/": Route("api", MANAGERS),
    "^api/v1/": Route("api", SIGNED_IN, 404),
    # The desk's own pages.
    "admin/": Route("desk", DESK, post=DESK),
    "admin/language/": Route("public", get=405, post=EVERYBODY),
    "admin/login/": Route("sign-in", post=EVERYBODY),
    "admin/logout/": Route("desk", DESK, 405, post=DESK),
    "admin/password_change/": Route("desk", DESK, post=DESK),
    "admin/password_change/done/": Route("desk", DESK, post=DESK),
    "admin/jsi18n/": Route("desk", DESK, post=DESK),
    "admin/search/": Route("desk", DESK, post=DESK),
    # Which fields may be asked for is walked apart; without a field it is nothing.
    "admin/autocomplete/": Route("desk", DESK, 403),
    "admin/r/<path:content_type_id>/<path:object_id>/": Route("desk", DESK, 404, "follow_up"),
    "admin/^(?P<app_label>feedback|surveys|followups)/$": Route("desk", DESK, 302, post=DESK),
    "admin/(?P<url>.*)$": Route("desk", DESK, 404),
    # Follow-ups and what was said.
    **FOLLOW_UP_PAGES,
    **_model("surveys/response", "response", DESK),
    **_model("surveys/invitation", "invitation", DESK),
    # What only managers read.
    **_model("feedback/message", "message"),
    "admin/feedback/message/<path:object_id>/settle/": Route("desk", DESK, 405, "message", post=MANAGERS),
    **_model("feedback/customer", "customer", customers=True),
    **_model("feedback/case", "case"),
    **_model("feedback/resolution", "resolution"),
    **_model("feedback/suppression", "suppression"),
    **_model("feedback/pause", "pause"),
    "admin/feedback/pause/start/": Route("desk", DESK, 405, post=MANAGERS),
    "admin/feedback/pause/end/": Route("desk", DESK, 405, post=MANAGERS),
    **_model("surveys/survey", "survey"),
    **_model("surveys/surveyversion", "version"),
    # ... and change.
    **_model("feedback/department", "department", adds=True),
    **_model("feedback/staffidentity", "name", adds=True),
    **_model("feedback/departmentalias", "alias", adds=True),
    **_model("feedback/user", "user", adds=True),
    "admin/feedback/user/<id>/password/": Route("desk", MANAGERS, 200, "user", post=MANAGERS),
    **_model("surveys/exclusion", "exclusion", adds=True, deletes=True),
    **_model("followups/routingrule", "rule", adds=True),
}
