"""Why a customer was not asked (R4): one vocabulary for invitations, messages, API and desk."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SkipReason(TextChoices):
    NO_CONTACT = "no_contact", _("no address to write to")
    NO_SURVEY = "no_survey", _("no survey is meant for this case")
    OPTED_OUT = "opted_out", _("the customer opted out of surveys")
    SUPPRESSED = "suppressed", _("the address is blocked (STOP, bounce or complaint)")
    SURVEYED_RECENTLY = "surveyed_recently", _("asked only recently")
    OPEN_FOLLOW_UP = "open_follow_up", _("an earlier complaint is still being worked on")
    TOO_LATE = "too_late", _("too long after the resolution")
    REOPENED = "reopened", _("the case was reopened")
    EXCLUDED = "excluded", _("excluded by a rule")
    SAMPLED_OUT = "sampled_out", _("not in the sample")
    STAFF = "staff", _("the address belongs to the person who served")
    COUNTRY_NOT_ALLOWED = "country_not_allowed", _("no SMS to this country")
    SPEND_CAP = "spend_cap", _("the SMS budget is used up")
    CHANNEL_OFF = "channel_off", _("the channel is switched off")
    PAUSED = "paused", _("sending of surveys was paused")
    ERASED = "erased", _("the customer's data was erased")
