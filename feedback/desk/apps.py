from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """The admin with our own site. ``default`` is for Django's choice between the configurations of one module."""

    default = False
    default_site = "feedback.desk.site.DeskSite"
