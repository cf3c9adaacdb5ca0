"""The theme's own words that the desk shows. It brings no translations, so they are found here and kept with ours."""

from django.utils.translation import gettext_noop as _

WORDS = (
    _("Welcome back to"),
    _("Light"),
    _("Dark"),
    _("System"),
    _("Cancel"),
    _("Click to cancel"),
    _("Expand row"),
    _("False"),
    _("True"),
    _("General"),
    _("Go back"),
    _("More actions"),
    _("No data"),
    _("Select action"),
    _("Select value"),
    _("Toggle password visibility"),
    _("Type to search"),
    _("Filters"),
    _("Close"),
    _("After you've created a user, you’ll be able to edit more user options."),
    _(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
        'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    _("You have been successfully logged out from the administration"),
)
